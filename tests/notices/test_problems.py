"""When two problems are the same one, so that managers are told once."""

from datetime import datetime

import pytest

from oncall.health import Problem, ProblemKind
from oncall.notices.problems import occasion
from tests.schedules.cast import BERLIN, hour, utc

NOW = utc("2026-11-23 14:00")
LATER = NOW + hour(5)


def gap(start: datetime, end: str, times: int = 1) -> Problem:
    return Problem(ProblemKind.GAP, "Nobody is on L1", "L1", start, utc(end), times=times)


def same(first: Problem, second: Problem) -> bool:
    return occasion(first, BERLIN, NOW) == occasion(second, BERLIN, LATER)


def test_a_gap_that_runs_is_the_same_an_hour_later() -> None:
    assert same(gap(NOW, "2026-11-25 15:00"), gap(LATER, "2026-11-25 15:00"))


def test_gaps_at_different_times_are_different() -> None:
    assert not same(gap(NOW, "2026-11-25 15:00"), gap(NOW, "2026-11-26 15:00"))


def test_a_gap_of_every_night_is_one_even_when_the_clocks_change() -> None:
    """09:00 in Berlin in winter and in summer."""
    spring = utc("2027-03-28 12:00")
    winters, summers = gap(NOW, "2026-11-24 08:00", times=60), gap(spring, "2027-03-29 07:00", times=60)

    assert occasion(winters, BERLIN, NOW) == occasion(summers, BERLIN, spring)


def test_a_gap_without_an_end_in_sight_stays_the_same() -> None:
    assert same(gap(NOW, "2027-02-21 14:00"), gap(LATER, "2027-02-21 19:00"))


@pytest.mark.parametrize(("start", "expected"), [("2026-11-24 15:00", True), ("2026-11-27 15:00", False)])
def test_somebody_unreachable_is_told_for_each_shift(start: str, expected: bool) -> None:
    def unreachable(at: str) -> Problem:
        return Problem(ProblemKind.UNREACHABLE, "Bob", "L1", utc(at), utc(at) + hour(72), "bob")

    assert same(unreachable("2026-11-24 15:00"), unreachable(start)) is expected
