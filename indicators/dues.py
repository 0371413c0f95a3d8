"""The share of those liable for dues who paid for the month."""

KEY = "dues"
TABLES = ("dues_month",)
QUESTION = "series"
PARAMS = ("basis", "node")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "dues_paid"
PLUS: tuple[str, ...] = ()
WHOLE = "dues_liable"
OVER: tuple[str, ...] = ()
WINDOW = "span"
WHOLE_AT = "all"
UNIT = "percent"
