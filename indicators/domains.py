"""Party organisations by the domain of their unit."""

KEY = "domains"
TABLES = ("organisation",)
QUESTION = "organisation_mix"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "organisations"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "organisation"
