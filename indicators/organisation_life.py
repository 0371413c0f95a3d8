"""Branches that held the year's organisation-life meeting."""

KEY = "organisation_life"
TABLES = ("activity",)
QUESTION = "annual"
PARAMS = ("basis", "node", "year")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "org_life_branches_done"
PLUS: tuple[str, ...] = ()
WHOLE = "branches"
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "organisation"
