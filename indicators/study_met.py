"""The share of members whose study keeps up with the year's hours."""

KEY = "study_met"
TABLES = ("study_record", "member")
QUESTION = "series"
PARAMS = ("basis", "node")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "study_met"
PLUS: tuple[str, ...] = ()
WHOLE = "study_members"
OVER: tuple[str, ...] = ()
WINDOW = "month"
WHOLE_AT = "all"
UNIT = "percent"
