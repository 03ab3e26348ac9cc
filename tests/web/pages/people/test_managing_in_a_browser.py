"""What managers set up, in a real browser."""

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.escalation.policies import as_policy
from oncall.models import EscalationPolicy
from oncall.models.service import IN_FORCE
from oncall.running.runtime import Runtime
from tests.system import needs
from tests.web.pages.browser import Browser
from tests.web.pages.chromium import DESKTOP, NARROW, Windows
from tests.web.pages.conftest import NOW

pytestmark = needs("chromium-headless-shell")

DEV = """
teams: [{name: dev, managers: [alice, bob]}]
services: [{name: web, team: dev}, {name: search, team: dev}]
"""


@pytest.fixture
def dev(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        apply(session, load(DEV, export(session)), NOW)


@pytest.mark.usefixtures("dev")
def test_of_two_managers_who_edit_one_policy_the_second_sees_what_changed_and_keeps_what_was_typed(
    alice: Browser, bob: Browser, windows: Windows, runtime: Runtime
) -> None:
    hers, his = windows.open(NARROW, alice), windows.open(DESKTOP, bob)
    for window in (hers, his):
        window.goto("/policy-editor?name=dev")
    hers.get_by_label("Wait for an answer").first.fill("7m")
    hers.get_by_role("button", name="Save the policy").tap()
    expect(hers.get_by_role("status").first).to_contain_text("Kept: step 1, wait: 5m → 7m.")

    his.get_by_label("Another target of step 2").select_option("Bob Baker (bob)")
    his.get_by_label("Fallback").select_option("everybody in team dev")
    his.get_by_role("button", name="Save the policy").click()

    expect(his.get_by_role("alert")).to_contain_text("step 1, wait: 5m → 7m")
    expect(his.get_by_role("button", name="Take out Bob Baker (bob)")).to_be_visible()
    expect(his.get_by_label("Fallback")).to_have_value("team:dev")
    his.get_by_label("Wait for an answer").first.fill("7m")
    his.keyboard.press("Enter")
    expect(his.get_by_role("status").first).to_contain_text("Kept: fallback: nothing → everybody in team dev")
    with runtime.database.read() as session:
        policy = as_policy(session.exec(select(EscalationPolicy).where(IN_FORCE)).one())
    assert [(step.page, step.wait.seconds) for step in policy.steps] == [
        (("schedule:dev/L1",), 7 * 60),
        (("schedule:dev/L2", "user:bob"), 5 * 60),
    ]


def test_a_team_gets_a_policy_a_service_and_a_key_and_who_would_be_paged_is_named(
    bob: Browser, windows: Windows
) -> None:
    phone = windows.open(NARROW, bob)
    phone.goto("/team-editor")
    phone.get_by_label("Name").first.fill("payments")
    phone.get_by_label("Somebody").select_option("Alice Archer (alice)")
    phone.get_by_role("button", name="Make the team").tap()
    expect(phone.get_by_role("heading", name="Members, 1")).to_be_visible()

    phone.goto("/policy-editor")
    phone.get_by_label("Name").fill("payments")
    phone.get_by_label("Target of step 1").select_option("everybody in team payments")
    phone.get_by_role("button", name="Make the policy").tap()
    expect(phone.get_by_role("main")).to_contain_text("Alice Archer")

    phone.goto("/service-editor?team=payments")
    phone.get_by_label("Name").fill("checkout")
    phone.get_by_label("Who is paged when it breaks").select_option("payments")
    phone.get_by_role("button", name="Make the service").tap()
    phone.get_by_label("Name of the key").fill("prometheus")
    phone.get_by_role("button", name="Make the key").tap()
    expect(phone.get_by_role("heading", name="prometheus")).to_be_visible()
    phone.goto("/would-page?service=checkout")
    expect(phone.get_by_role("main")).to_contain_text("Alice Archer (team payments) would be paged")


@pytest.mark.usefixtures("dev")
def test_a_policy_that_is_refused_is_shown_at_the_field_that_is_wrong(bob: Browser, windows: Windows) -> None:
    phone = windows.open(NARROW, bob)
    phone.goto("/policy-editor?name=dev")
    phone.get_by_label("Page again if it is not resolved within").fill("soon")
    phone.get_by_role("button", name="Save the policy").tap()

    expect(phone.get_by_role("alert")).to_contain_text("Nothing is saved yet.")
    expect(phone.get_by_label("Page again if it is not resolved within")).to_be_focused()
    expect(phone.get_by_text("is not a length of time")).to_be_in_viewport(ratio=1)
