"""The sign-in rate: those who came among those who were due."""

KEY = "signin"
TABLES = ("activity", "attendance")
QUESTION = "series"
PARAMS = ("basis", "node")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "attended"
PLUS: tuple[str, ...] = ()
WHOLE = "due"
OVER: tuple[str, ...] = ()
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "percent"
