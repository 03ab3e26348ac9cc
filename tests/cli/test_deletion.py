"""`oncall delete`."""

from tests.cli.conftest import Oncall

SPARE = """
teams: [{name: spare}]
schedules: [{name: spare, timezone: UTC, levels: [L1]}]
escalation_policies: [{name: spare, steps: [{page: user:bob, wait: 5m}]}]
"""


def test_what_nobody_needs_is_deleted(oncall: Oncall) -> None:
    assert oncall("apply", "-", typed=SPARE).code == 0
    refused = oncall("delete", "schedule", "spare")
    assert (refused.code, "also its past" in refused.err) == (1, True)
    assert oncall("delete", "schedule", "spare", "--confirm").out == "The schedule spare is deleted.\n"
    assert oncall("delete", "policy", "spare").out == "The escalation policy spare is deleted.\n"
    assert oncall("delete", "team", "spare").out == "The team spare is deleted.\n"
    assert "spare" not in oncall("export").out


def test_what_something_needs_is_kept_and_what_is_not_there_is_said(oncall: Oncall) -> None:
    for kind in ("schedule", "policy", "team"):
        assert "dev is needed by the " in oncall("delete", kind, "dev").err
        assert "There is no " in oncall("delete", kind, "nothing").err


def test_a_service_goes_with_its_heartbeats_once_that_is_confirmed(oncall: Oncall) -> None:
    asked = oncall("delete", "service", "web")
    assert asked.code == 1
    assert "Add --confirm if you want it all the same:\n  Nothing waits any more for its heartbeats" in asked.err
    assert oncall("delete", "service", "web", "--confirm").out == "The service web is deleted.\n"
    assert "services:" not in oncall("export").out
    assert "was deleted on" in oncall("delete", "service", "web", "--confirm").err
    assert "There is no service lost." in oncall("delete", "service", "lost").err
