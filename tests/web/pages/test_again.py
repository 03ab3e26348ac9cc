"""A login that ends under somebody's hands."""

import secrets
from datetime import timedelta

from starlette.responses import Response

from oncall.lifecycle.alert import AlertStatus
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, fire, stored
from tests.web.pages.conftest import PASSWORD, Clock

OURS = {"origin": "http://testserver", "referer": "http://testserver/alerts/1"}


def sent_too_late(alice: Browser, clock: Clock, action: str, **fields: str) -> Response:
    csrf = alice.forms("/me")["/logout"]["csrf"]
    clock.now += timedelta(days=31)
    return alice.client.post(action, data={"csrf": csrf, **fields}, headers=OURS, follow_redirects=False)


def sign_in(alice: Browser, after: Response) -> str:
    fields = alice.forms(after.headers["location"])["/login"]
    return alice.client.post("/login", data=fields | {"handle": "alice", "password": PASSWORD}).text


def test_who_has_signed_in_again_is_asked_whether_to_go_on(alice: Browser, runtime: Runtime, clock: Clock) -> None:
    number = fire(runtime)

    page = sign_in(alice, sent_too_late(alice, clock, f"/alerts/{number}/acknowledge"))

    assert "Go on where you were?" in page
    assert f'href="/alerts/{number}">Leave it' in page
    assert stored(runtime, number).status is AlertStatus.TRIGGERED


def test_what_was_typed_is_still_there(alice: Browser, clock: Clock) -> None:
    absence = {"start": "2026-05-04T10:00", "end": "2026-05-05T10:00", "reason": "dentist & <b>x</b>"}

    page = sign_in(alice, sent_too_late(alice, clock, "/me/absences", **absence))

    assert 'name="reason" value="dentist &amp; &lt;b&gt;x&lt;/b&gt;"' in page
    assert '<form class="panel sheet stack" method="post" action="/me/absences">' in page


def test_the_login_says_why_it_is_asked_for(alice: Browser, clock: Clock) -> None:
    led = sent_too_late(alice, clock, "/me/absences").headers["location"]

    assert "Your login had ended, so nothing was done yet." in alice.open(led)
    assert "Your login had ended" not in alice.open("/login?next=/alerts")


def test_it_is_offered_once(alice: Browser, clock: Clock) -> None:
    sign_in(alice, sent_too_late(alice, clock, "/me/absences"))

    assert "Go on where you were?" not in alice.open("/again")


def test_what_another_site_sends_is_not_offered(alice: Browser, clock: Clock) -> None:
    theirs = OURS | {"origin": "https://evil.example", "referer": "https://evil.example/x"}
    clock.now += timedelta(days=31)

    led = alice.client.post("/alerts/1/resolve", headers=theirs, follow_redirects=False)

    assert led.headers["location"] == "/login?next=/"
    assert "set-cookie" not in led.headers


def test_what_nobody_of_us_has_signed_is_not_offered(alice: Browser) -> None:
    for forged in ("", "x", 'x {"address": "/alerts/1/resolve", "fields": [], "page": "/"}'):
        alice.client.cookies.set("oncall_interrupted", forged.replace(" ", "%20"))
        assert "Go on where you were?" not in alice.open("/again")


def test_passwords_are_typed_again(alice: Browser, clock: Clock) -> None:
    led = sent_too_late(alice, clock, "/me/password", current="old old old old", new="new new new new")

    assert led.headers["location"] == "/login?next=/alerts/1"
    assert "set-cookie" not in led.headers


def test_a_long_note_is_still_there(alice: Browser, runtime: Runtime, clock: Clock) -> None:
    number, note = fire(runtime), "the disk of db1 filled up once more, and was emptied by hand. " * 60

    page = sign_in(alice, sent_too_late(alice, clock, f"/alerts/{number}/notes", text=note))

    assert f'name="text" value="{note}"' in page


def test_what_is_too_long_to_be_kept_is_given_back_to_be_copied(alice: Browser, clock: Clock) -> None:
    noise = secrets.token_hex(6_000)
    answer = sent_too_late(alice, clock, "/me/absences", reason=noise, password=PASSWORD)

    assert answer.status_code == 401
    assert "Your login has ended, so nothing was done." in answer.text
    assert f"readonly>{noise}</textarea>" in answer.text
    assert 'href="/login?next=/alerts/1">Sign in' in answer.text
    assert PASSWORD not in answer.text
