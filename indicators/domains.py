"""Party organisations by the domain of their unit."""

KEY = "domains"
TABLES = ("organisation",)
QUESTION = "organisation_mix"
PARAMS = ("basis", "node", "month")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "organisations"
WHOLE = ""
WHOLE_OF = ""
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "organisation"
