"""Completed transfers by reason, route and kind: the total of the reasons."""

KEY = "flow_mix"
TABLES = ("transfer",)
QUESTION = "flow_mix"
PARAMS = ("basis", "node", "from_month", "to_month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {"dim": frozenset({"reason"})}
PART = "n"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "item"
