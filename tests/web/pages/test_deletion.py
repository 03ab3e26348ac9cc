"""Deleting by page what nobody needs any more: a button on its editor, and what it means is asked about."""

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import NOW

SPARE = """
teams: [{name: spare}]
schedules: [{name: spare, timezone: UTC, levels: [L1]}]
escalation_policies: [{name: spare, steps: [{page: user:bob, wait: 5m}]}]
"""


def set_up(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(SPARE), NOW)


def test_an_escalation_policy(bob: Browser, runtime: Runtime) -> None:
    set_up(runtime)
    page = bob.submit("/policy-editor?name=spare", "/policies/spare/delete")
    assert "The escalation policy spare is deleted." in page
    assert 'href="/policies/spare"' not in page
    kept = bob.submit("/policy-editor?name=dev", "/policies/dev/delete")
    assert "dev is needed by the service web and the service search. Change that first; then it can be deleted." in kept


def test_a_schedule(bob: Browser, runtime: Runtime) -> None:
    set_up(runtime)
    asked = bob.client.post(
        "/schedules/spare/delete", data=bob.forms("/schedule-editor?name=spare")["/schedules/spare/delete"]
    )
    assert asked.status_code == 409
    assert "All that spare has goes with it, also its past" in asked.text
    page = bob.submit("/schedule-editor?name=spare", "/schedules/spare/delete", confirm="yes")
    assert "The schedule spare is deleted." in page
    assert 'href="/schedules/spare"' not in page
    assert "There is no schedule spare" in bob.client.get("/schedules/spare").text


def test_a_team(alice: Browser, bob: Browser, runtime: Runtime) -> None:
    set_up(runtime)
    page = bob.submit("/team-editor?name=spare", "/teams/spare/delete")
    assert "The team spare is deleted. Its people stay." in page
    assert 'href="/teams/spare"' not in page
