"""Workdays from application to completion, the median over the span."""

KEY = "flow_days"
TABLES = ("transfer", "workday")
QUESTION = "flow_summary"
PARAMS = ("basis", "node", "from_month", "to_month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "median_workdays"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "workday"
