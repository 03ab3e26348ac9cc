"""Schedules in a file: rotations with their members and rules, overrides, what else each has."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from oncall.config.export import export, to_yaml
from oncall.config.schema import MemberForm
from oncall.errors import BadInput
from oncall.models import (
    Override,
    OverrideSource,
    Rotation,
    Schedule,
)
from tests.config.company import NOW, applied

NIGHTS = "start: 2026-01-05T22:00, shift: 1 week, hours: 22:00-06:00"


def test_the_rest_of_a_schedule_is_kept_and_given_back(company: Session) -> None:
    assert applied(company, "schedules: [{name: dev, rest: 1d}]") == ["~ schedule dev: rest 0m -> 24h"]

    assert company.exec(select(Schedule.rest_hours).where(Schedule.name == "dev")).one() == 24
    assert "rest: 24h" in to_yaml(export(company))
    assert applied(company, to_yaml(export(company))) == []


def test_when_a_schedule_is_meant_to_be_covered_is_kept_and_given_back(company: Session) -> None:
    line = "~ schedule dev: covers nothing -> Mon-Fri 09:00-17:00"
    assert applied(company, "schedules: [{name: dev, covers: 'Mon-Fri 09:00-17:00'}]") == [line]

    assert "covers: Mon-Fri 09:00-17:00" in to_yaml(export(company))
    assert applied(company, to_yaml(export(company))) == []


def test_the_slack_groups_of_a_schedule_are_kept_and_given_back(company: Session) -> None:
    assert applied(company, "schedules: [{name: dev, slack_usergroups: {L1: S0123ABCD}}]") == [
        "~ schedule dev: slack_usergroups nothing -> L1: S0123ABCD"
    ]
    assert "slack_usergroups: {L1: S0123ABCD}" in to_yaml(export(company))
    assert applied(company, to_yaml(export(company))) == []
    assert applied(company, "schedules: [{name: dev, slack_usergroups: {}}]") == [
        "~ schedule dev: slack_usergroups L1: S0123ABCD -> nothing"
    ]


@pytest.mark.parametrize(
    ("groups", "said"),
    [("{L1: '@oncall-dev'}", "is no Slack user group"), ("{L9: S0123ABCD}", "L9"), ("S0123ABCD", "slack_usergroups")],
)
def test_what_is_no_slack_group_is_refused(company: Session, groups: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        applied(company, f"schedules: [{{name: dev, slack_usergroups: {groups}}}]")

    assert said in str(refused.value.problems)


def test_a_rotation_that_is_not_in_the_list_is_gone(company: Session) -> None:
    nights = "{name: nights, members: [bob, alice], start: 2026-01-05T22:00, shift: 1 week}"
    applied(company, f"schedules: [{{name: dev, rotations: [{nights}]}}]")

    (rotation,) = export(company).schedules[-1].rotations
    assert (rotation.name, rotation.members) == ("nights", [MemberForm(user="bob"), MemberForm(user="alice")])


def test_the_last_rotation_wins_where_several_apply(company: Session) -> None:
    nights = "{name: nights, members: [bob, alice], start: 2026-01-05T22:00, shift: [4 days, 3 days]}"
    applied(company, f"schedules: [{{name: dev, rotations: [{nights}, {{name: developers}}]}}]")
    rows = company.exec(select(Rotation).order_by(col(Rotation.position))).all()
    assert [(row.name, row.shift) for row in rows] == [
        ("nights", ["4 days", "3 days"]),
        ("developers", ["3 days"]),
    ]


def test_members_can_go_and_change_places(company: Session) -> None:
    for members in (["alice", "bob"], ["bob", "alice"], ["bob"], ["alice", "bob"]):
        text = f"schedules: [{{name: dev, rotations: [{{name: developers, members: {members}}}]}}]"
        applied(company, text)
        listed = export(company).schedules[-1].rotations[0].members
        assert listed == [MemberForm(user=handle) for handle in members]
        assert applied(company, text) == []


def test_members_may_be_together_nobody_or_there_for_a_while(company: Session) -> None:
    members = "[alice, [bob, alice], [], {user: bob, joins: 2026-03-01T00:00, leaves: 2026-06-01T00:00}]"
    more = "timezone: Europe/Berlin, skip: [Sat, sunday]"
    text = f"schedules: [{{name: dev, rotations: [{{name: developers, members: {members}, {more}}}]}}]"
    text = text.replace("[bob, alice]", "[bob]")
    applied(company, text)

    assert applied(company, text) == []
    rotation = export(company).schedules[-1].rotations[0].model_dump(mode="json")
    assert rotation["members"] == [
        "alice",
        "bob",
        [],
        {"user": "bob", "joins": "2026-03-01T00:00", "leaves": "2026-06-01T00:00"},
    ]
    assert (rotation["timezone"], rotation["skip"]) == ("Europe/Berlin", ["Sat", "Sun"])


def test_those_who_have_a_turn_together_keep_their_order(company: Session) -> None:
    handles = [f"person-{number}" for number in range(20)]
    applied(company, f"users: [{', '.join(f'{{handle: {handle}, name: Somebody}}' for handle in handles)}]")
    pairs = [handles[i : i + 2] for i in range(0, 20, 2)]
    rotations = f"[{{name: developers, members: {pairs}}}, {{name: nights, members: {pairs}, {NIGHTS}}}]"
    text = f"schedules: [{{name: dev, rotations: {rotations}}}]"
    applied(company, text)

    assert applied(company, text) == []


def test_overrides_may_add_and_remove(company: Session) -> None:
    times = "start: 2026-02-01T10:00, end: 2026-02-02T10:00"
    made = [
        f"{{level: L1, user: bob, replaces: alice, {times}}}",
        f"{{level: L1, kind: add, user: bob, {times}}}",
        f"{{level: L1, kind: remove, replaces: bob, {times}}}",
        f"{{level: L2, kind: remove, {times}}}",
    ]
    text = f"schedules: [{{name: dev, overrides: [{', '.join(made)}]}}]"
    applied(company, text)

    assert applied(company, text) == []
    rows = company.exec(select(Override).order_by(col(Override.id))).all()
    assert [(row.kind.value, bool(row.user_id), bool(row.replaces_id)) for row in rows] == [
        ("replace", True, True),
        ("add", True, False),
        ("remove", False, True),
        ("remove", False, False),
    ]


def test_swaps_and_temporary_schedules_are_not_the_files(company: Session) -> None:
    row = company.exec(select(Override)).one()
    row.source = OverrideSource.SWAP
    company.add(row)
    company.flush()

    applied(company, "schedules: [{name: dev, overrides: []}]")

    assert company.exec(select(Override)).one().source is OverrideSource.SWAP
    assert export(company).schedules[-1].overrides == []


def test_a_rule_is_kept_as_the_names_it_is_made_of(company: Session) -> None:
    row = company.exec(select(Rotation)).one()
    assert row.member_rule == {"tagged": ["developer"], "not_in": ["ops", "payments", "support"], "team": []}
    assert (row.start, row.until, row.shift) == ("2026-01-05T10:00", "2027-01-05T10:00", ["3 days"])


def test_overrides_are_wall_clock_in_the_schedules_zone(company: Session) -> None:
    row = company.exec(select(Override)).one()
    assert row.starts_at == datetime(2026, 2, 1, 15, 0, tzinfo=UTC)


def test_an_override_in_the_hour_that_occurs_twice_comes_back_exactly(company: Session) -> None:
    times = "start: 2026-11-01T01:30-05:00, end: 2026-11-01T08:00Z"
    text = f"schedules: [{{name: dev, overrides: [{{level: L1, user: bob, {times}}}]}}]"

    applied(company, text)

    assert "{level: L1, user: bob, start: '2026-11-01T01:30-05:00', end: '2026-11-01T03:00'}" in to_yaml(
        export(company)
    )
    assert applied(company, to_yaml(export(company))) == []
    assert applied(company, text) == []


def test_another_zone_moves_handoffs_and_not_overrides(company: Session) -> None:
    assert applied(company, "schedules: [{name: dev, timezone: UTC}]") == [
        "~ schedule dev: timezone America/New_York -> UTC"
    ]
    assert company.exec(select(Override)).one().starts_at == datetime(2026, 2, 1, 15, 0, tzinfo=UTC)


def test_an_override_that_stays_is_not_made_anew(company: Session) -> None:
    first = "{level: L1, user: bob, start: 2026-02-01T10:00, end: 2026-02-02T10:00}"
    second = "{level: L2, user: alice, start: 2026-02-01T10:00, end: 2026-02-02T10:00}"
    later = NOW + timedelta(days=1)

    applied(company, f"schedules: [{{name: dev, overrides: [{first}, {second}]}}]", later)

    rows = company.exec(select(Override).order_by(col(Override.id))).all()
    assert [(row.level, row.created_at) for row in rows] == [("L1", NOW), ("L2", later)]


def test_an_override_from_now_on_stays_what_it_is_when_its_file_is_applied(company: Session) -> None:
    """A file says the second; a page that says “now” means the microsecond."""
    (row,) = company.exec(select(Override))
    row.starts_at, row.ends_at = NOW + timedelta(microseconds=7), NOW + timedelta(days=1, microseconds=9)
    company.flush()

    later = NOW + timedelta(hours=2)
    assert applied(company, to_yaml(export(company)), later) == []
    applied(company, "schedules: [{name: dev, covers: 'Mon-Fri 09:00-17:00'}]", later)
    (still,) = company.exec(select(Override))
    assert (still.starts_at.microsecond, still.is_history) == (7, False)


def test_an_override_that_was_ended_in_its_first_second_is_in_no_file(company: Session) -> None:
    (row,) = company.exec(select(Override))
    row.starts_at, row.ends_at = NOW, NOW + timedelta(microseconds=9)
    company.flush()

    assert "overrides" not in to_yaml(export(company, ["schedules"]))
