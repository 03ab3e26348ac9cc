"""The page that shows what publishing anew would change, and does it."""

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.people.people import methods_of
from oncall.rota.horizon import publish_turns
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, person
from tests.web.pages.conftest import Clock

DAILY = "{{name: developers, members: [{members}], start: 2026-03-02T00:00, shift: 1 day}}"


def apply_members(runtime: Runtime, clock: Clock, members: str) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(f"schedules: [{{name: dev, rotations: [{DAILY.format(members=members)}]}}]"), clock())


def test_with_nothing_to_change_it_says_so(alice: Browser) -> None:
    assert "Nothing would change" in alice.open("/schedules/dev/publishing")


def test_it_names_who_gains_and_who_loses_and_then_does_it(
    alice: Browser, bob: Browser, runtime: Runtime, clock: Clock
) -> None:
    apply_members(runtime, clock, "alice, bob")
    publish_turns(runtime.database, clock())
    apply_members(runtime, clock, "alice, bob, vera")
    assert "<b>Vera Viewer</b>" in bob.open("/schedules/dev/publishing")
    assert "Publish these changes" not in alice.open("/schedules/dev/publishing")

    after = bob.submit("/schedules/dev/publishing", "/schedules/dev/publishing")

    assert "dev is published anew" in after
    assert "Nothing would change" in bob.open("/schedules/dev/publishing")


def test_it_says_what_would_be_worse(bob: Browser, runtime: Runtime, clock: Clock) -> None:
    apply_members(runtime, clock, "alice, bob")
    publish_turns(runtime.database, clock())
    apply_members(runtime, clock, "alice, bob, vera")
    with runtime.database.transaction() as session:
        for method in methods_of(session, person(session, "vera")):
            method.verified_at = None

    page = bob.open("/schedules/dev/publishing")
    assert "Vera Viewer has no verified contact method" in page
    assert (
        "on dev L1 from Tue 3 Mar 18:00 EST to Wed 4 Mar 18:00 EST" in page
    )  # on the reader’s clock, not on the schedule’s


def test_only_who_runs_the_schedule_can(alice: Browser) -> None:
    fields = alice.forms("/schedules/dev")["/schedules/dev/overrides"]
    assert alice.post("/schedules/dev/publishing", csrf=fields["csrf"]).status_code == 403
