"""R6 志愿需求超时: requests for help that nobody has taken up."""

from __future__ import annotations

import numpy as np

from indicators.warnings.columns import DAY, NEVER
from indicators.warnings.episodes import Found, of_cases
from indicators.warnings.facts import Facts
from indicators.warnings.places import lead_of

KEY = "R6"
VERSION = 1
PERIOD = "day"
TABLES = ("service_request", "organisation")
SOURCE = "D"
THRESHOLD = "hours"
VANISHED = "retract"
HELP = {
    "hours": "Hours untaken beyond which a request counts.",
    "long_hours": "Hours beyond which it is watched.",
    "first": "Severity beyond the first.",
    "second": "Severity beyond the second.",
}


def evaluate(
    facts: Facts, *, hours: int = 48, long_hours: int = 168, first: int = 1, second: int = 2
) -> Found:
    """Find requests untaken for too long; charged to the organisation that leads the community."""
    c = facts.columns
    raised = c.moments("service_request", "raised_at")
    taken = np.minimum(c.moments("service_request", "taken_at"), c.moments("service_request", "done_at"))
    lead = lead_of(facts)
    org = np.array(
        [lead.get(one or "", -1) for one in c.text("service_request", "community_id")], dtype=np.int64
    )
    hour = DAY // 24

    def day_after(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        moment = raised + count * hour
        late = (raised < NEVER * DAY) & (taken > moment)
        return np.where(late & (moment // DAY <= facts.today), moment // DAY, NEVER)

    one, two = day_after(hours), day_after(long_hours)
    starts = np.stack([one, two, two, two], axis=1)
    ends = np.where(taken >= NEVER * DAY, NEVER, taken // DAY)
    # Taken up later on the day on which it became late: that was late by hours, and is over.
    kept = ends > one
    made = of_cases(
        org[kept],
        starts[kept],
        np.where(ends[kept] <= facts.today, ends[kept], NEVER),
        lambda counts: second if counts[1] else first if counts[0] else 0,
        key=facts.day,
    )
    return Found(made, checked=len(lead))
