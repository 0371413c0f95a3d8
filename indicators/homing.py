"""Members who had been lost to their branch and were found again."""

KEY = "homing"
TABLES = ("member",)
QUESTION = "annual"
PARAMS = ("basis", "node", "year")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "lost_found"
PLUS: tuple[str, ...] = ()
WHOLE = "lost_total"
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "person"
