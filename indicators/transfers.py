"""Transfers of membership that were completed."""

KEY = "transfers"
TABLES = ("transfer",)
QUESTION = "transfer_totals"
PARAMS = ("basis", "node", "from_month", "to_month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "inside"
PLUS: tuple[str, ...] = ("moved_in", "moved_out")
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "person"
