"""Members by their work."""

KEY = "occupation"
TABLES = ("member",)
QUESTION = "member_mix"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {"dim": "occupation"}
WHERE: dict[str, frozenset[str]] = {"band": frozenset({"retired"})}
PART = "n"
PLUS: tuple[str, ...] = ()
WHOLE = "n"
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "percent"
