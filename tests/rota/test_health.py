"""What is wrong with a schedule is said while somebody can still mend it."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.db.database import Database
from oncall.models import ContactMethod, Schedule
from oncall.notices.problems import key_of
from oncall.rota import health
from oncall.rota.health import COUNTS_LAST, problem_counts, problems, told_once
from oncall.rota.inspector import Problem, ProblemKind
from oncall.rota.outlook import AHEAD, outlook
from oncall.settings import Settings
from tests.conftest import Contents

NOW = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
"""A Tuesday, 07:00 in New York and 13:00 in Berlin."""
PEOPLE = ("alice", "bob", "carol", "dave")
ALWAYS = {"start": "2026-01-05T10:00", "shift": "1 week"}


@pytest.fixture
def contents() -> Contents:
    people = [person(handle, number) for number, handle in enumerate(PEOPLE)]
    return Contents(NOW, (json.dumps({"users": people}),))


@pytest.fixture
def session(sqlite_settings: Settings) -> Iterator[Session]:
    """With four people who can all be paged."""
    with closing(Database(sqlite_settings)) as database, database.trial() as opened:
        yield opened


def person(handle: str, number: int) -> dict[str, object]:
    mobile = {"name": "mobile", "kind": "sms", "address": f"+1202555010{number}", "verified": True}
    return {"handle": handle, "name": handle.title(), "contact_methods": [mobile]}


def plan(
    session: Session, *rotations: dict[str, object], name: str = "dev", zone: str = "UTC", **fields: object
) -> Schedule:
    """Stores a schedule; each rotation is named by its place and turns weekly unless it says otherwise."""
    whole = [ALWAYS | {"name": f"rotation {place}"} | rotation for place, rotation in enumerate(rotations)]
    form = {"name": name, "timezone": zone, "levels": ["L1"], "rotations": whole} | fields
    apply(session, Config.model_validate({"schedules": [form]}), NOW)
    return session.exec(select(Schedule).where(Schedule.name == name)).one()


def sentences(session: Session, schedule: Schedule, now: datetime = NOW) -> list[str]:
    return [problem.sentence for problem in problems(session, schedule, now)]


def of_kind(found: list[Problem], kind: ProblemKind) -> list[Problem]:
    return [problem for problem in found if problem.kind is kind]


def override(user: str, start: str, end: str, level: str = "L1") -> dict[str, str]:
    return {"level": level, "user": user, "start": start, "end": end}


def test_a_schedule_that_is_well_has_none(session: Session) -> None:
    dev = plan(session, {"members": ["alice", "bob", "carol"]}, rest="12h")

    assert problems(session, dev, NOW) == []


def test_an_uncovered_minute_is_a_gap(session: Session) -> None:
    whole = plan(
        session, {"members": ["alice"], "until": "2026-02-01T10:00"}, {"members": ["bob"], "start": "2026-02-01T10:01"}
    )

    (gap,) = problems(session, whole, NOW)

    start = datetime(2026, 2, 1, 10, 0, tzinfo=UTC)
    assert (gap.kind, gap.level, gap.start, gap.end) == (ProblemKind.GAP, "L1", start, start + timedelta(minutes=1))
    assert gap.sentence == (
        "Nobody is on L1 from Sun 1 Feb 10:00 UTC to Sun 1 Feb 10:01 UTC: add a rotation or an override."
    )


def test_the_gap_of_every_night_is_one_problem_told_on_the_schedule_s_clock(session: Session) -> None:
    """Weekends end and begin at the same hours; clocks go forward on 8 March, in the night of a weekend."""
    office = plan(session, {"members": ["alice", "bob"], "hours": "Mon-Fri 09:00-17:00"}, zone="America/New_York")

    (gap,) = problems(session, office, NOW)

    assert (gap.start, gap.end) == (NOW, NOW + timedelta(hours=2))  # the running night, from now
    working_days = 64  # and the window ends on a Monday before work
    assert gap.times == working_days + 1
    assert gap.sentence == (
        "Nobody is on L1 now, until Tue 6 Jan 09:00 EST, and 64 times more like this until Mon 6 Apr 08:00"
        f" EDT, {90 * 24 - working_days * 8:,} hours in all: add a rotation or an override."
    )


def test_a_night_that_is_not_meant_to_be_covered_is_no_gap(session: Session) -> None:
    office = {"members": ["alice", "bob"], "hours": "Mon-Fri 09:00-17:00"}

    assert problems(session, plan(session, office, covers="Mon-Fri 09:00-17:00"), NOW) == []
    (gap,) = problems(session, plan(session, office, covers="Mon-Fri 08:00-17:00"), NOW)

    assert (gap.start, gap.end) == (NOW + timedelta(hours=20), NOW + timedelta(hours=21))


def test_gaps_that_are_not_alike_are_told_apart(session: Session) -> None:
    office = plan(
        session,
        {"members": ["alice"], "hours": "Mon-Fri 09:00-17:00"},
        {"members": ["bob"], "hours": "Sat 10:00-12:00"},
    )

    assert [problem.times for problem in problems(session, office, NOW + timedelta(days=1))] == [51, 13, 13]


def test_a_gap_without_end_says_so(session: Session) -> None:
    ending = plan(session, {"members": ["alice"], "until": "2026-02-01T10:00"})

    assert sentences(session, ending) == ["Nobody is on L1 from Sun 1 Feb 10:00 UTC on: add a rotation or an override."]
    later = datetime(2026, 3, 1, tzinfo=UTC)
    assert sentences(session, ending, later) == [
        "Nobody is on L1 now and for 90 days at least: add a rotation or an override."
    ]


def test_what_begins_after_the_90_days_can_wait(session: Session) -> None:
    ending = plan(session, {"members": ["alice"], "until": (NOW + AHEAD).strftime("%Y-%m-%dT%H:%M")})

    assert problems(session, ending, NOW) == []
    assert len(problems(session, ending, NOW + timedelta(seconds=1))) == 1


def test_whoever_can_not_be_paged_is_named_once_with_their_first_shift(session: Session) -> None:
    session.exec(select(ContactMethod).where(ContactMethod.address == "+12025550101")).one().verified_at = None
    session.exec(select(ContactMethod).where(ContactMethod.address == "+12025550102")).one().disabled_at = NOW
    dev = plan(session, {"members": ["alice", "bob", "carol"]}, zone="Europe/Berlin")

    bob, carol = problems(session, dev, NOW)

    start = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
    assert (bob.kind, bob.person, bob.level, bob.start) == (ProblemKind.UNREACHABLE, "bob", "L1", start)
    assert bob.sentence == (
        "Bob is on L1 from Mon 12 Jan 10:00 CET and has no verified contact method: "
        "they add one on their page, or an admin in the config file."
    )
    assert carol.person == "carol"


def test_whoever_was_on_call_need_not_be_reached_any_more(session: Session) -> None:
    session.exec(select(ContactMethod).where(ContactMethod.address == "+12025550101")).one().verified_at = None
    past = override("bob", "2026-01-06T10:00", "2026-01-06T12:00")

    assert problems(session, plan(session, {"members": ["alice"]}, overrides=[past]), NOW) == []


def test_one_phone_confirmed_is_enough_and_seen_at_once(session: Session) -> None:
    phone = session.exec(select(ContactMethod).where(ContactMethod.address == "+12025550100")).one()
    phone.verified_at = None
    dev = plan(session, {"members": ["alice"]})
    assert len(problems(session, dev, NOW)) == 1

    phone.verified_at = NOW

    assert problems(session, dev, NOW) == []


def test_one_person_on_two_levels_is_told_with_the_reason(session: Session) -> None:
    dev = plan(session, {"members": ["alice"]}, levels=["L1", "L2"])

    (booking,) = problems(session, dev, NOW)

    assert (booking.kind, booking.person, booking.level) == (ProblemKind.DOUBLE_BOOKING, "alice", "L1")
    assert booking.sentence == (
        "Alice is on L1 and L2 at once now, until Mon 12 Jan 10:00 UTC, and 13 times more like this until "
        "Mon 6 Apr 12:00 UTC, 2,160 hours in all: "
        "a page that escalates would reach the same person again; put somebody else on one of them."
    )


def test_one_person_on_two_schedules_is_told_on_both(session: Session) -> None:
    dev = plan(session, {"members": ["alice", "bob"]})
    ops = plan(
        session, {"members": ["carol"]}, name="ops", overrides=[override("bob", "2026-01-13T08:00", "2026-01-13T09:00")]
    )

    booking = "Bob is on {} and {} at once from Tue 13 Jan 08:00 UTC to Tue 13 Jan 09:00 UTC: "
    reason = "two alerts at once would have one person; put somebody else on one of them."
    assert sentences(session, dev) == [booking.format("L1", "L1 of ops") + reason]
    assert sentences(session, ops) == [booking.format("L1", "L1 of dev") + reason]


def test_what_two_schedules_share_is_told_once_where_both_are(session: Session) -> None:
    dev, ops = plan(session, {"members": ["alice"]}), plan(session, {"members": ["alice"]}, name="ops")

    told = [(schedule.name, len(found)) for schedule, found in told_once(session, [dev, ops], NOW)]

    assert told == [("dev", 1)]
    assert [len(problems(session, each, NOW)) for each in (dev, ops)] == [1, 1]


def test_whoever_runs_both_schedules_has_one_notice_of_what_they_share(session: Session) -> None:
    dev, ops = plan(session, {"members": ["alice"]}), plan(session, {"members": ["alice"]}, name="ops")

    assert len({key_of(each, *problems(session, each, NOW), NOW) for each in (dev, ops)}) == 1


def test_a_double_booking_that_is_over_is_no_longer_told(session: Session) -> None:
    past = override("alice", "2026-01-06T10:00", "2026-01-06T12:00", "L2")
    two = {"members": ["bob", "carol"], "levels": ["L2"]}
    dev = plan(session, {"members": ["alice"], "levels": ["L1"]}, two, levels=["L1", "L2"], overrides=[past])

    assert problems(session, dev, NOW) == []
    assert len(problems(session, dev, NOW - timedelta(minutes=1))) == 1


def test_a_double_booking_and_a_short_rest_of_one_person_are_two_problems(session: Session) -> None:
    overrides = [
        override("carol", f"2026-01-{day:02d}T{start}:00", f"2026-01-{day:02d}T{end}:00", level)
        for day, level, start, end in [(7, "L1", 10, 14), (7, "L2", 12, 16), (9, "L1", 10, 12), (9, "L2", 13, 15)]
    ]
    one, two = {"members": ["alice"], "levels": ["L1"]}, {"members": ["bob"], "levels": ["L2"]}
    dev = plan(session, one, two, levels=["L1", "L2"], rest="2h", overrides=overrides)

    of_carol = [each for each in problems(session, dev, NOW) if each.person == "carol"]

    assert [(each.kind, each.times) for each in of_carol] == [
        (ProblemKind.DOUBLE_BOOKING, 1),
        (ProblemKind.SHORT_REST, 1),
    ]


def test_others_double_bookings_are_not_this_schedule_s(session: Session) -> None:
    dev = plan(session, {"members": ["alice"]})
    plan(session, {"members": ["bob"]}, name="ops", levels=["L1", "L2"])

    assert problems(session, dev, NOW) == []


def test_rest_shorter_than_set_is_told(session: Session) -> None:
    taken = override("bob", "2026-01-12T00:00", "2026-01-12T04:00")  # bob's own turn begins at 10:00
    dev = plan(session, {"members": ["alice", "bob", "carol"]}, overrides=[taken], rest="12h")

    (short,) = problems(session, dev, NOW)

    before, after = datetime(2026, 1, 12, 4, 0, tzinfo=UTC), datetime(2026, 1, 12, 10, 0, tzinfo=UTC)
    assert (short.kind, short.person, short.start, short.end) == (ProblemKind.SHORT_REST, "bob", before, after)
    assert short.sentence == (
        "Bob has only 6 h of rest between L1 and L1 before Mon 12 Jan 10:00 UTC, where 12 h are set: "
        "swap one of the two shifts, or put somebody else on."
    )


def test_a_temporary_schedule_or_cover_within_ones_own_turn_takes_no_rest(session: Session) -> None:
    kept_on = override("bob", "2026-01-13T08:00", "2026-01-13T12:00")  # amid bob's own week
    dev = plan(session, {"members": ["alice", "bob", "carol"]}, overrides=[kept_on], rest="12h")

    assert problems(session, dev, NOW) == []


def test_without_a_rule_nobody_rests_too_shortly(session: Session) -> None:
    dev = plan(session, {"members": ["alice"]})

    assert problems(session, dev, NOW) == []


def test_rest_counts_from_a_shift_that_has_ended_and_from_another_schedule(session: Session) -> None:
    plan(
        session, {"members": ["carol"]}, name="ops", overrides=[override("bob", "2026-01-05T20:00", "2026-01-05T23:00")]
    )
    dev = plan(
        session,
        {"members": ["alice", "dave"]},
        overrides=[override("bob", "2026-01-06T14:00", "2026-01-06T16:00")],
        rest="16h",
    )

    assert sentences(session, dev) == [
        "Bob has only 15 h of rest between L1 of ops and L1 before Tue 6 Jan 14:00 UTC, where 16 h are set: "
        "swap one of the two shifts, or put somebody else on."
    ]
    assert sentences(session, dev, NOW + timedelta(hours=2)) == []  # it has begun: too late to mend


def test_a_short_rest_is_told_by_the_schedules_of_both_shifts_and_no_other(session: Session) -> None:
    shifts = {
        "ops": ("alice", override("bob", "2026-01-13T08:00", "2026-01-13T10:00")),
        "web": ("carol", override("bob", "2026-01-13T11:00", "2026-01-13T12:00")),
        "dev": ("dave", override("bob", "2026-01-20T08:00", "2026-01-20T10:00")),
    }
    for name, (handle, taken) in shifts.items():
        plan(session, {"members": [handle]}, name=name, rest="4h", overrides=[taken])

    told = {
        row.name: [problem.level for problem in problems(session, row, NOW) if problem.person == "bob"]
        for row in session.exec(select(Schedule))
    }

    assert told == {"ops": ["L1"], "web": ["L1"], "dev": []}


def test_with_nobody_experienced_the_owner_is_warned(session: Session) -> None:
    new = {"members": ["alice", "bob"], "start": "2026-01-12T10:00", "first_shift_level": "L1"}
    dev = plan(session, {"members": ["carol", "dave"], "until": "2026-01-12T10:00"}, new, levels=["L1", "L2"])

    (first,) = of_kind(problems(session, dev, NOW), ProblemKind.FIRST_TIMER)

    assert first.sentence.startswith("Nobody in rotation 1 is experienced in the turn from 2026-01-12 10:00 UTC")
    assert "mark somebody experienced" in first.sentence


def with_overrides_of_carol(session: Session, *overrides: dict[str, str]) -> Schedule:
    """A schedule of the experienced Alice and Bob, on which first-timers are L1 only, and Carol is new."""
    experienced = [{"handle": handle, "name": handle.title(), "experienced": ["dev"]} for handle in ("alice", "bob")]
    turns = {"members": ["alice", "bob"], "first_shift_level": "L1"}
    dev = plan(session, turns, levels=["L1", "L2"], overrides=overrides)
    apply(session, Config.model_validate({"users": experienced}), NOW)
    return dev


def test_a_first_timer_whom_an_override_puts_on_the_last_line_is_told(session: Session) -> None:
    dev = with_overrides_of_carol(session, override("carol", "2026-01-13T08:00", "2026-01-13T12:00", "L2"))

    assert sentences(session, dev) == [
        "Carol, who is on L2 from Tue 13 Jan 08:00 UTC to Tue 13 Jan 12:00 UTC, has finished no shift on dev L1 yet, "
        "and first-timers are L1 only: put somebody experienced on, or mark them experienced."
    ]
    assert sentences(session, dev, NOW + timedelta(days=7)) == []  # it is over


def test_a_first_timer_on_the_last_line_again_and_again_is_told_once(session: Session) -> None:
    mornings = [override("carol", f"2026-01-{day}T08:00", f"2026-01-{day}T12:00", "L2") for day in (13, 14, 15)]
    dev = with_overrides_of_carol(session, *mornings)

    (told,) = problems(session, dev, NOW)

    assert (told.kind, told.person, told.times) == (ProblemKind.FIRST_TIMER, "carol", 3)


def test_whoever_has_finished_a_shift_by_an_override_is_no_first_timer_in_the_next(session: Session) -> None:
    first = override("carol", "2026-01-13T08:00", "2026-01-13T12:00")
    last = override("carol", "2026-01-14T08:00", "2026-01-14T12:00", "L2")

    assert problems(session, with_overrides_of_carol(session, first, last), NOW) == []


def test_what_loses_pages_comes_first_and_then_the_soonest(session: Session) -> None:
    dev = plan(
        session,
        {"members": ["alice", "bob"], "until": "2026-03-01T10:00"},
        levels=["L1", "L2"],
        overrides=[
            override("bob", "2026-01-20T10:00", "2026-01-21T10:00"),
            override("alice", "2026-01-08T10:00", "2026-01-09T10:00", "L2"),
        ],
    )

    assert [(each.kind.value, each.start) for each in problems(session, dev, NOW)] == [
        ("gap", datetime(2026, 3, 1, 10, 0, tzinfo=UTC)),
        ("gap", datetime(2026, 3, 1, 10, 0, tzinfo=UTC)),
        ("double_booking", datetime(2026, 1, 8, 10, 0, tzinfo=UTC)),
        ("double_booking", datetime(2026, 1, 20, 10, 0, tzinfo=UTC)),
    ]


def test_shifts_are_worked_out_once_until_something_changes_or_a_day_has_passed(session: Session) -> None:
    dev = plan(session, {"members": ["alice", "bob"]})
    seen = outlook(session, NOW)
    assert outlook(session, NOW + timedelta(hours=11)) is seen
    assert outlook(session, NOW + timedelta(hours=12)) is not seen

    plan(session, {"members": ["carol"]})

    assert {shift.person for shift in outlook(session, NOW).of_schedule[dev.name]} == {"carol"}


def test_while_one_request_counts_the_others_get_the_counts_of_before(session: Session) -> None:
    plan(session, {"members": ["alice"], "until": "2026-02-01T10:00"})
    before = problem_counts(session, NOW)
    assert before == {"dev": 1}
    with health._lock:
        assert problem_counts(session, NOW + COUNTS_LAST) == before
