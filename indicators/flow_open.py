"""Transfers that stand at one of the five steps at a month's end."""

KEY = "flow_open"
TABLES = ("transfer", "workday")
QUESTION = "flow_pipeline"
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
    ),
    "waited": frozenset({"None"}),
}
PART = "n"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "item"
