"""When two problems are the same one, so that managers are told once."""

from datetime import datetime

import pytest

from oncall.notices.problems import is_told, occasion
from oncall.rota.inspector import Problem, ProblemKind
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


def test_a_gap_that_is_far_off_is_told_at_once_and_again_when_it_is_near() -> None:
    far = gap(utc("2027-01-10 10:00"), "2027-01-10 12:00")
    near = utc("2027-01-04 10:00")
    assert is_told(far, NOW)
    assert occasion(far, BERLIN, NOW) == occasion(far, BERLIN, LATER) != occasion(far, BERLIN, near)


def test_whoever_has_weeks_to_add_a_phone_is_not_told_on() -> None:
    bob = Problem(ProblemKind.UNREACHABLE, "Bob", "L1", utc("2026-12-20"), utc("2026-12-21"), "bob")
    assert (is_told(bob, NOW), is_told(bob, utc("2026-12-14"))) == (False, True)


def test_a_short_rest_of_every_week_is_told_once_and_one_of_a_day_by_itself() -> None:
    def short(day: int, times: int) -> Problem:
        at = utc(f"2026-12-{day}")
        return Problem(ProblemKind.SHORT_REST, "Alice", "L1", at, at + hour(1), "alice", times)

    assert occasion(short(10, 12), BERLIN, NOW) == occasion(short(17, 11), BERLIN, LATER)
    assert occasion(short(10, 1), BERLIN, NOW) != occasion(short(17, 1), BERLIN, NOW)
