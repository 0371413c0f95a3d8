"""Members who had been lost to their branch and were found again."""

KEY = "homing"
TABLES = ("member",)
QUESTION = "annual"
PARAMS = ("basis", "node", "year")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "lost_found"
WHOLE = "lost_total"
WHOLE_OF = ""
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "person"
