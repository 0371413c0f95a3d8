"""Party members at a month's end: every full or probationary member counts once."""

KEY = "members"
TABLES = ("member", "transfer")
QUESTION = "headline"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "members"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "person"
