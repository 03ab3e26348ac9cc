"""Apprise: sent through the library to a server on this machine, and only by services that do nothing else."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from apprise.manager_plugins import NotificationManager

from notifiers.apprise_account import AppriseAccount
from notifiers.apprise_services import AT_A_HOST, AT_ONE_PLACE, READS_FILES, service_at
from notifiers.base import Notifier, SendFailure
from notifiers.kind import Accounts, PageFacts
from notifiers.registry import KINDS, notifiers_for
from oncall.clock import monotonic
from tests.notifiers.conftest import BEFORE, NOW, page
from tests.web_receiver import WebReceiver, web_receiver

APPRISE = KINDS["apprise"]
LINK = "https://oncall.example.com/answer/7.signature"
PAGE = APPRISE.page(PageFacts(12, "Disk full on db1", "web", "critical", "", NOW))
NONE_OF_THEM = "is none of the services"
TELEGRAM = "tgram://123456789:ABCdefghijkl1234567890_abcdefghijk/12345"


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    with web_receiver() as running:
        running.answer = (200, {})
        yield running


def apprise(*, private: bool = True, timeout: float = 5.0) -> Notifier:
    return notifiers_for(Accounts(apprise=AppriseAccount(private, timeout)))["apprise"]


def address(receiver: WebReceiver, more: str = "") -> str:
    return f"json://127.0.0.1:{receiver.port}/secret-path{more}"


def failure(to: str, notifier: Notifier) -> SendFailure:
    with pytest.raises(SendFailure) as caught:
        notifier.send(page(to, PAGE))
    assert "secret-path" not in caught.value.reason
    assert "127.0.0.1" not in caught.value.reason
    return caught.value


def test_a_page_arrives_with_its_title_and_the_link_to_answer_by(receiver: WebReceiver) -> None:
    apprise().send(page(address(receiver), PAGE, answer_url=LINK, alert=12))

    (posted,) = receiver.take()
    sent = json.loads(posted.body)
    assert sent["title"] == "CRITICAL web: Disk full on db1 (alert 12)"
    assert "since 10:00 UTC on 5 Jan 2026" in sent["message"]
    assert sent["message"].endswith(f"without signing in:\n{LINK}")
    assert sent["type"] == "warning"


def test_notices_codes_and_shadows_ask_for_nothing(receiver: WebReceiver) -> None:
    shadow = APPRISE.page(PageFacts(12, "Disk full", "web", "critical", is_shadow=True))
    for body in (APPRISE.notice("Your shift begins."), APPRISE.code("123456"), shadow):
        apprise().send(page(address(receiver), body))

    notice, code, followed = (json.loads(posted.body) for posted in receiver.take())
    assert (notice["message"], notice["type"]) == ("Your shift begins.", "info")
    assert "123456" in code["title"]
    assert "there is nothing to do for you" in followed["message"]
    assert not any("signing in" in sent["message"] for sent in (notice, code, followed))


def test_a_summary_is_sent_as_it_is(receiver: WebReceiver) -> None:
    evil = "<b>Größe</b> **95 %** \\n {app_id} :fire: 💥"
    apprise().send(page(address(receiver), APPRISE.page(PageFacts(12, evil, "web", "critical"))))

    assert evil in json.loads(receiver.take()[0].body)["message"]


@pytest.mark.parametrize(
    ("status", "is_permanent"),
    [(400, True), (401, True), (404, True), (302, True), (408, False), (429, False), (503, False)],
)
def test_each_answer_is_for_good_or_for_now(receiver: WebReceiver, status: int, is_permanent: bool) -> None:
    receiver.answer = (status, {"Location": f"http://127.0.0.1:{receiver.port}/elsewhere"})

    failed = failure(address(receiver, "?redirect=yes"), apprise())

    assert (failed.permanent, failed.bad_address) == (is_permanent, False)
    assert str(status) in failed.reason
    assert [posted.path for posted in receiver.take()] == ["/secret-path"], "a redirect is not followed"


def test_a_server_that_drips_does_not_hold_us(receiver: WebReceiver) -> None:
    receiver.drip, began = 0.05, monotonic()

    failed = failure(address(receiver, "?rto=600&cto=600"), apprise(timeout=0.5))

    assert monotonic() - began < 4
    assert (failed.permanent, failed.maybe_accepted) == (False, True)


def test_a_server_that_is_away_is_tried_again() -> None:
    assert not failure("json://127.0.0.1:9/secret-path", apprise()).permanent


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433"])
@pytest.mark.parametrize("service", ["json", "jsons", "ntfy", "gotify", "mmost", "matrix"])
def test_our_own_machine_is_not_asked_unless_that_is_allowed(receiver: WebReceiver, service: str, host: str) -> None:
    path = {"matrix": "#room", "gotify": "AbCdEfGhIjKlMnO"}.get(service, "a" * 24)
    try:
        failed = failure(f"{service}://{host}:{receiver.port}/{path}", apprise(private=False))
    finally:
        assert receiver.take() == []
    assert failed.permanent


def test_the_library_s_logs_which_hold_addresses_go_nowhere(
    receiver: WebReceiver, capfd: pytest.CaptureFixture[str]
) -> None:
    receiver.answer, written = (500, {}), StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    try:
        failure(address(receiver), apprise())
    finally:
        logging.getLogger().removeHandler(handler)

    assert "secret-path" not in written.getvalue()
    assert "JSON" not in written.getvalue()
    assert "".join(capfd.readouterr()) == ""


def test_it_can_not_be_asked_what_became_of_a_message(receiver: WebReceiver) -> None:
    notifier = apprise()
    receipts = [notifier.send(page(address(receiver), PAGE)) for _ in range(2)]
    assert receipts[0] == receipts[1]
    assert not receipts[0].delivered
    assert notifier.find(page(address(receiver), PAGE), since=BEFORE) is None
    assert notifier.status("x").state == "sent"


def test_every_service_named_here_is_one_of_the_library_s_and_can_be_used() -> None:
    library = NotificationManager()
    named = AT_ONE_PLACE | AT_A_HOST
    assert not AT_ONE_PLACE & AT_A_HOST
    assert sorted(schema for schema in named if schema not in library.schemas() or not library[schema].enabled) == []


def test_services_that_run_at_a_host_that_people_name_are_known_as_such() -> None:
    """Else where they lead would not be looked at."""
    library = NotificationManager()
    named_by = {schema for schema in AT_ONE_PLACE if "host" in library[schema].template_tokens}
    assert named_by == set()


@pytest.mark.parametrize(
    "typed", [TELEGRAM, " ntfy://topic ", "ntfys://ntfy.example.com/topic", f"pover://{'u' * 30}@{'t' * 30}"]
)
def test_addresses_are_stored_as_they_are_written(typed: str) -> None:
    assert APPRISE.address(typed) == typed.strip()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "is no Apprise address"),
        ("nonsense", "is no Apprise address"),
        ("file:///etc/passwd", "is no Apprise address"),
        ("pover://nobody", "is not whole"),
        (f"{TELEGRAM} ?", "is no Apprise address"),
        *[(f"{schema}://host/path", NONE_OF_THEM) for schema in ("syslog", "rsyslog", "dbus", "mqtt", "xmpp")],
        *[(f"{schema}://user:pass@example.com", NONE_OF_THEM) for schema in ("mailto", "mailtos", "irc")],
        ("windows://", NONE_OF_THEM),
        ("macosx://", NONE_OF_THEM),
        ("gnome://", NONE_OF_THEM),
        *[(f"{TELEGRAM}?{name}=/etc/passwd", "reads files") for name in sorted(READS_FILES)],
        (f"{TELEGRAM}?TEMPLATE=/etc/passwd", "reads files"),
        (f"{TELEGRAM}?%74emplate=/etc/passwd", "reads files"),
    ],
)
def test_what_can_not_be_used_is_refused_without_being_repeated(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        APPRISE.address(typed)
    assert "ABCdef" not in str(refused.value)


def test_it_is_shown_by_its_last_characters() -> None:
    assert APPRISE.shown(TELEGRAM) == "tgram://…2345"
    assert APPRISE.shown("nonsense") == "…"
    assert KINDS["webhook"].shown("https://hooks.example.com/secret") == "https://…cret"
    assert KINDS["sms"].shown("+12025550101") == "+12025550101"


def test_a_service_waits_no_longer_than_it_is_told() -> None:
    assert service_at(f"{TELEGRAM}?rto=600&cto=600", 3.0).plugin.request_timeout == (3.0, 3.0)
