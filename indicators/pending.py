"""Transfers of membership still under review at a month's end."""

KEY = "pending"
TABLES = ("transfer",)
QUESTION = "transfer_pipeline"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {
    "status": frozenset(
        {
            "pending",
            "pending_application",
            "pending_from_branch",
            "pending_from_committee",
            "pending_to_committee",
            "pending_to_branch",
        }
    )
}
PART = "n"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "person"
