"""Members by age, in the bands of the national bulletin."""

KEY = "age"
TABLES = ("member",)
QUESTION = "member_mix"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {"dim": "age"}
WHERE: dict[str, frozenset[str]] = {"band": frozenset({"≤30", "31–35"})}
PART = "n"
PLUS: tuple[str, ...] = ()
WHOLE = "n"
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "percent"
