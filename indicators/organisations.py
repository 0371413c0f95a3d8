"""Party organisations at a month's end: committees, general branches and branches."""

KEY = "organisations"
TABLES = ("organisation",)
QUESTION = "headline"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "organisations"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "organisation"
