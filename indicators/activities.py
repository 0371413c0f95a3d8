"""Activities of organisation life that were held."""

KEY = "activities"
TABLES = ("activity",)
QUESTION = "series"
PARAMS = ("basis", "node")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "activities"
WHOLE = ""
WHOLE_OF = ""
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "event"
