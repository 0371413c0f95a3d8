"""Members by the highest education they completed."""

KEY = "education"
TABLES = ("member",)
QUESTION = "member_mix"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {"dim": "education"}
WHERE: dict[str, frozenset[str]] = {"band": frozenset({"postgrad", "bachelor"})}
PART = "n"
PLUS: tuple[str, ...] = ()
WHOLE = "n"
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "percent"
