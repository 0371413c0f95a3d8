"""Members who took part in the year's democratic appraisal."""

KEY = "appraisal"
TABLES = ("appraisal_year",)
QUESTION = "annual"
PARAMS = ("basis", "node", "year")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "appraised"
PLUS: tuple[str, ...] = ()
WHOLE = ""
OVER: tuple[str, ...] = ("headline", "members")
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "percent"
