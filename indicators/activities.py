"""Activities of organisation life that were held."""

KEY = "activities"
TABLES = ("activity",)
QUESTION = "series"
PARAMS = ("basis", "node")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "activities"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "event"
