"""The share of members with college education or more."""

KEY = "college"
TABLES = ("member",)
QUESTION = "member_mix"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {"dim": "education"}
WHERE: dict[str, frozenset[str]] = {"band": frozenset({"postgrad", "bachelor", "college"})}
PART = "n"
PLUS: tuple[str, ...] = ()
WHOLE = "n"
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "percent"
