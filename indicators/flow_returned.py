"""The share of transfers that were sent back, over the span."""

KEY = "flow_returned"
TABLES = ("transfer",)
QUESTION = "flow_summary"
PARAMS = ("basis", "node", "from_month", "to_month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "return_rate"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "percent"
