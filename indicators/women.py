"""The share of women among the members."""

KEY = "women"
TABLES = ("member",)
QUESTION = "member_mix"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {"dim": "sex"}
WHERE: dict[str, frozenset[str]] = {"band": frozenset({"f"})}
PART = "n"
PLUS: tuple[str, ...] = ()
WHOLE = "n"
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "percent"
