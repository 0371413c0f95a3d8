"""The share of those liable for dues who paid for the month."""

KEY = "dues"
TABLES = ("dues_month",)
QUESTION = "series"
PARAMS = ("basis", "node")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "dues_paid"
WHOLE = "dues_liable"
WHOLE_OF = ""
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "percent"
