"""Hours of study per member over the last twelve months, against the hours of the rule."""

KEY = "study"
TABLES = ("study_record", "member")
QUESTION = "series"
PARAMS = ("basis", "node")
FIXED: dict[str, str] = {}
WHERE: dict[str, frozenset[str]] = {}
PART = "study_hours"
PLUS: tuple[str, ...] = ()
WHOLE = "study_members"
OVER: tuple[str, ...] = ()
WINDOW = "year"
WHOLE_AT = "last"
UNIT = "hour"
