"""The share of members with college education or more."""

KEY = "college"
TABLES = ("member",)
QUESTION = "member_mix"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {"dim": "education"}
WHERE: dict[str, frozenset[str]] = {"band": frozenset({"postgrad", "bachelor", "college"})}
PART = "n"
WHOLE = "n"
WHOLE_OF = ""
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "percent"
