"""Times in a notice: short where that is clear, in the reader's zone, and right when the clocks change."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from oncall.rota.when import moment, span
from tests.schedules.cast import BERLIN, NEW_YORK, utc

NOW = utc("2026-11-23 14:00")


@pytest.mark.parametrize(
    ("start", "end", "now", "said"),
    [
        ("2026-11-24 15:00", "2026-11-27 15:00", NOW, "Tue 10:00 to Fri 10:00 EST"),
        ("2026-11-24 15:00", "2026-11-27 15:00", None, "Tue 24 Nov 10:00 to Fri 27 Nov 10:00 EST"),
        ("2026-11-27 15:00", "2026-12-01 15:00", NOW, "Fri 10:00 to Tue 1 Dec 10:00 EST"),
        ("2026-11-24 15:00", "2026-11-24 23:00", NOW, "Tue 10:00 to 18:00 EST"),
        ("2026-11-20 15:00", "2026-11-24 15:00", NOW, "Fri 20 Nov 10:00 to Tue 10:00 EST"),
        ("2026-10-31 14:00", "2026-11-03 15:00", None, "Sat 31 Oct 10:00 EDT to Tue 3 Nov 10:00 EST"),
        ("2026-11-01 05:30", "2026-11-01 06:30", None, "Sun 1 Nov 01:30 EDT to 01:30 EST"),
    ],
)
def test_a_span_of_time_in_new_york(start: str, end: str, now: datetime | None, said: str) -> None:
    assert span(utc(start), utc(end), NEW_YORK, now) == said


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        (BERLIN, "Tue 16:00 CET"),
        (ZoneInfo("UTC"), "Tue 15:00 UTC"),
        (ZoneInfo("America/Sao_Paulo"), "Tue 12:00 UTC-03"),
    ],
)
def test_the_zone_is_named(zone: ZoneInfo, said: str) -> None:
    assert moment(utc("2026-11-24 15:00"), zone, NOW) == said
