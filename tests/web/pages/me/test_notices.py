"""What I am told of my shifts, on My on-call."""

import pytest
from sqlmodel import select

from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, Delivery, NoticeKind
from oncall.notices.tell import notify, notify_of_all
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, person


def tell(runtime: Runtime, *texts: str) -> None:
    with runtime.database.transaction() as session:
        alice = person(session, "alice")
        for text in texts:
            notify(session, [alice.id or 0], NoticeKind.SHIFTS_CHANGED, text, runtime.clock())


def test_before_the_first_notice_it_says_what_comes_here(alice: Browser) -> None:
    assert "Nothing yet." in alice.open("/me/reached")


@pytest.mark.parametrize(
    ("state", "error", "shown"),
    [
        (DeliveryState.PENDING, "", "on its way"),
        (DeliveryState.SENT, "", "sent</span>"),
        (DeliveryState.DELIVERED, "", "delivered</span>"),
        (DeliveryState.FAILED, "The phone is off", "failed</span> The phone is off"),
        (DeliveryState.CANCELLED, "", "called back"),
    ],
)
def test_a_notice_is_shown_with_what_became_of_it(
    alice: Browser, runtime: Runtime, state: DeliveryState, error: str, shown: str
) -> None:
    tell(runtime, "dev is <b>yours</b> now.")
    with runtime.database.transaction() as session:
        delivery = session.exec(select(Delivery)).one()
        delivery.state, delivery.error = state, error
        session.add(delivery)

    page = alice.open("/me/reached")

    assert "dev is &lt;b&gt;yours&lt;/b&gt; now." in page
    assert shown in page


def test_who_can_only_be_called_reads_it_here(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        for method in session.exec(select(ContactMethod).where(ContactMethod.kind == "sms")):
            method.disabled_at = runtime.clock()
    tell(runtime, "dev is yours now.")

    assert "nobody is called for this" in alice.open("/me/reached")


def test_what_one_message_only_counted_is_not_told_as_if_nothing_could_carry_it(
    alice: Browser, runtime: Runtime
) -> None:
    with runtime.database.transaction() as session:
        said = [("dev has a gap.", "gap"), ("Bob is twice on dev.", "twice")]
        alices = person(session, "alice").id or 0
        notify_of_all(session, alices, NoticeKind.PROBLEM, said, "on the page of dev", runtime.clock())

    page = alice.open("/me/reached")

    assert "Bob is twice on dev." in page
    assert "not sent by itself" in page
    assert "no confirmed way" not in page


def test_only_the_last_ten_are_shown_and_only_mine(alice: Browser, bob: Browser, runtime: Runtime) -> None:
    tell(runtime, *(f"Notice {number}." for number in range(12)))

    page = alice.open("/me/reached")
    assert "Notice 11." in page
    assert "Notice 2." in page
    assert "Notice 1." not in page
    assert "Notice 11." not in bob.open("/me/reached")


def test_what_i_am_told_is_chosen_by_a_form(alice: Browser, runtime: Runtime) -> None:
    assert alice.forms("/me/reached")["/me/notices"]["ahead_hours"] == "24"

    assert "Saved" in alice.submit("/me/reached", "/me/notices", ahead_hours="48", weekly="on")

    with runtime.database.read() as session:
        user = person(session, "alice")
        chosen = (user.notice_ahead_hours, user.notice_start, user.notice_end, user.notice_weekly)
    assert chosen == (48, False, False, True)
    assert alice.forms("/me/reached")["/me/notices"]["ahead_hours"] == "48"


@pytest.mark.parametrize("hours", ["soon", "", "-1", "337", "9" * 50])
def test_hours_that_are_none_are_refused_with_a_sentence(alice: Browser, hours: str) -> None:
    assert "a whole number from 0 to 336" in alice.submit("/me/reached", "/me/notices", ahead_hours=hours)
