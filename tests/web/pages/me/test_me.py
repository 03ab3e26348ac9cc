"""My on-call."""

import re
from collections.abc import Callable

import pytest
from sqlmodel import select

from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, NotificationRule, Urgency
from oncall.people.people import MOST_RULES
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser, fire, person
from tests.web.pages.conftest import PASSWORD


def test_it_shows_my_next_shifts_and_how_i_am_paged(alice: Browser) -> None:
    assert "L1" in alice.open("/me")
    assert "texts at once, calls after 2 minutes" in alice.open("/me/reached")


def test_what_is_held_back_from_me_is_counted_and_listed(alice: Browser, runtime: Runtime) -> None:
    assert "Held back" not in alice.open("/me")
    number = fire(runtime)
    with runtime.database.transaction() as session:
        for row in session.exec(select(Delivery).where(Delivery.alert_id == number, Delivery.kind == "sms")):
            row.held_since = runtime.clock()
            session.add(row)

    page = alice.open("/me")

    assert "<b>1 held back</b>" in page
    assert f'(<a href="/alerts/{number}">#{number}</a>)' in page
    assert "held back since" in alice.open(f"/alerts/{number}")


def test_my_calendar_link_can_be_made_renewed_and_revoked(alice: Browser, stranger: TestClient) -> None:
    def link(page: str) -> str:
        return re.search(r'value="http://testserver(/ical/[^"]+)"', page)[1]  # type: ignore[index]

    first = link(alice.submit("/me", "/me/calendar"))
    assert stranger.get(first).status_code == 200

    second = link(alice.submit("/me", "/me/calendar/1/renew"))
    assert stranger.get(first).status_code == 410
    assert stranger.get(second).status_code == 200

    assert "no longer works" in alice.submit("/me", "/me/calendar/2/revoke")
    assert stranger.get(second).status_code == 410


def test_my_links_to_schedules_can_be_revoked_too(alice: Browser, stranger: TestClient) -> None:
    page = alice.submit("/schedules/dev", "/schedules/dev/subscribe")
    link = re.search(r'value="http://testserver(/ical/1\.[^"]+)"', page)[1]  # type: ignore[index]

    assert "dev L1 on call" in alice.open("/me")
    assert "no longer works" in alice.submit("/me", "/me/calendar/1/revoke")
    assert stranger.get(link).status_code == 410
    assert "/schedules/dev/subscribe" in alice.forms("/schedules/dev")  # to make it anew


def test_my_link_says_what_to_expect_of_each_calendar(alice: Browser) -> None:
    page = alice.submit("/me", "/me/calendar")

    for address in ("webcal://", "https://calendar.google.com/calendar/r?cid=webcal://", "https://outlook.office.com/"):
        assert f'href="{address}' in page
    for calendar in ("Google Calendar: about once a day", "Outlook on the web: about every 3 hours", "Apple Calendar"):
        assert calendar in page


def test_nobody_can_revoke_the_link_of_somebody_else(alice: Browser, bob: Browser) -> None:
    alice.submit("/me", "/me/calendar")
    csrf = bob.forms("/me")["/logout"]["csrf"]

    assert bob.post("/me/calendar/1/revoke", csrf=csrf).status_code == 404


def test_a_contact_method_counts_once_its_code_is_typed_back(alice: Browser, runtime: Runtime) -> None:
    added = alice.submit("/me/reached", "/me/contact-methods", name="spare", kind="sms", address="+1 202-555-0199")
    assert "A code is on its way to +12025550199" in added
    with runtime.database.read() as session:
        method = session.exec(select(ContactMethod).where(ContactMethod.name == "spare")).one()
    verify = f"/me/contact-methods/{method.id}/verify"

    assert "4 tries left" in alice.submit("/me/reached", verify, code="wrong")
    assert "spare is confirmed" in alice.submit("/me/reached", verify, code=method.code or "")
    assert verify not in alice.forms("/me/reached")

    assert "spare is removed" in alice.submit("/me/reached", f"/me/contact-methods/{method.id}/delete")
    with runtime.database.read() as session:
        assert session.exec(select(Delivery.state)).one() is DeliveryState.CANCELLED
    assert "+12025550199" not in alice.open("/me/reached")


def test_a_number_that_is_none_is_refused_with_a_sentence(alice: Browser) -> None:
    assert "is not a phone number" in alice.submit(
        "/me/reached", "/me/contact-methods", name="x", kind="sms", address="12"
    )


def test_rules_are_added_and_removed(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.read() as session:
        method = session.exec(select(ContactMethod).where(ContactMethod.address == "+12025550101")).first()
    assert method is not None
    fields = {"urgency": "high", "method_id": str(method.id)}

    assert "a whole number from 0 to 1440" in alice.submit("/me/reached", "/me/rules", minutes="soon", **fields)
    assert "a whole number from 0 to 1440" in alice.submit("/me/reached", "/me/rules", minutes="1441", **fields)
    for _ in range(2):  # forms are sent again
        page = alice.submit("/me/reached", "/me/rules", minutes="3", **fields)
        assert "Urgent alerts reach you by mobile after 3 min." in page
    with runtime.database.read() as session:
        rule = session.exec(select(NotificationRule)).one()
    assert rule.after_seconds == 180
    page = alice.submit("/me/reached", f"/me/rules/{rule.id}/delete")
    assert "The rule is removed." in page
    assert "3 min" not in page


def test_rules_can_t_be_added_without_end(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        user = person(session, "alice")
        method = session.exec(select(ContactMethod).where(ContactMethod.user_id == user.id)).first()
        assert user.id is not None
        assert method is not None
        assert method.id is not None
        rule = {"user_id": user.id, "contact_method_id": method.id, "urgency": Urgency.LOW}
        session.add_all(NotificationRule(**rule) for _ in range(MOST_RULES))

    added = alice.submit("/me/reached", "/me/rules", urgency="high", method_id=str(method.id), minutes="3")

    assert f"{MOST_RULES} notification rules are the most" in added


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "0", "x", ""])
def test_a_rule_for_a_contact_method_that_is_none_is_refused(alice: Browser, number: str) -> None:
    refused = alice.submit("/me/reached", "/me/rules", urgency="high", method_id=number, minutes="3")

    assert "one of your contact methods" in refused


def test_a_token_is_shown_once_and_works_until_it_is_revoked(alice: Browser, stranger: TestClient) -> None:
    page = alice.submit("/me/access", "/me/tokens", name="deploys")
    token = re.search(r"oncall_[\w-]{30,}", page)
    assert token is not None
    assert token[0] not in alice.open("/me/access")
    bearer = {"authorization": f"Bearer {token[0]}"}
    assert stranger.get("/api/v1/on-call", headers=bearer).status_code == 200

    assert "“deploys” no longer works." in alice.submit("/me/access", "/me/tokens/1/revoke")
    assert stranger.get("/api/v1/on-call", headers=bearer).status_code == 401


def test_a_password_changes_only_with_the_current_one_and_ends_other_logins(
    alice: Browser, browser_of: Callable[[str], Browser], stranger: TestClient
) -> None:
    laptop, new = browser_of("alice"), "a password that is new"

    assert "nothing was changed" in alice.submit("/me/access", "/me/password", current="wrong", new=new)
    assert "10 to 200 characters" in alice.submit("/me/access", "/me/password", current=PASSWORD, new="short")
    assert "is changed" in alice.submit("/me/access", "/me/password", current=PASSWORD, new=new)

    assert "Sign in to oncall" in laptop.open("/")
    assert "Sign in to oncall" not in alice.open("/")
    assert stranger.post("/login", data={"handle": "alice", "password": new}).status_code == 303


def test_a_viewer_may_change_their_password_but_make_no_tokens(vera: Browser) -> None:
    assert set(vera.forms("/me/access")) == {"/logout", "/me/password"}


def test_my_quiet_hours_are_set_and_a_mistake_is_shown_as_it_was_typed(alice: Browser) -> None:
    assert "Alerts that can wait do wait for you, 22:00-07:00" in alice.submit(
        "/me/reached", "/me/quiet-hours", hours="22:00-07:00"
    )
    refused = alice.submit("/me/reached", "/me/quiet-hours", hours="at night")
    assert "Can&#39;t read &#34;at night&#34;: write" in refused
    assert 'value="at night"' in refused
    assert "You have no quiet hours" in alice.submit("/me/reached", "/me/quiet-hours", hours="", timezone="")


def test_a_contact_method_is_tried_out_and_what_became_of_it_is_shown(alice: Browser) -> None:
    assert "A test message is on its way" in alice.submit("/me/reached", "/me/contact-methods/1/test")
    assert "</time>: on its way." in alice.open("/me/reached")
