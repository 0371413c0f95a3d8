"""Those who came minus those who left, over the span."""

KEY = "flow_net"
TABLES = ("transfer",)
QUESTION = "flow_summary"
PARAMS = ("basis", "node", "from_month", "to_month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "net"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "person"
