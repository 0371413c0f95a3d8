"""Every warning, state, reason and axis has its words in every language."""

from __future__ import annotations

import pytest

from dashboard.words import languages, table
from indicators.radar.registry import axes
from indicators.warnings.facts import REASONS
from indicators.warnings.registry import all_warnings
from stores import alert_rules as rules
from stores.alert_views import STAGES
from stores.duty_states import STATES


@pytest.mark.parametrize("lang", languages())
def test_everything_has_its_words(lang: str) -> None:
    known = table(lang)
    parts = ("name", "short", "definition", "numerator", "denominator", "excluded")
    wanted = {f"warn.{key}.{part}" for key in all_warnings() for part in parts}
    wanted |= {f"desk.stage_{name}" for name in STAGES}
    wanted |= {f"desk.state_{name}" for name in rules.STATES if name not in STAGES}
    wanted |= {f"desk.urge_{name}" for name in rules.URGINGS}
    wanted |= {f"desk.sev_{number}" for number in rules.SEVERITIES}
    wanted |= {f"desk.verb_{name}" for name in ("open", *rules.VERBS)}
    wanted |= {f"desk.why_{name}" for name in REASONS if name}
    wanted |= {f"duty_state.{name}" for name in STATES}
    wanted |= {f"radar_axis.{axis.KEY}.{part}" for axis in axes() for part in ("name", "definition")}
    assert wanted <= set(known)
