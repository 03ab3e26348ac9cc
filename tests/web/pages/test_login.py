"""Signing in and out."""

from datetime import timedelta
from html import escape

import pytest
from sqlmodel import select

from oncall.auth.passwords import turn
from oncall.auth.sessions import FAILURES, FAILURES_FROM_ANYWHERE
from oncall.auth.sign_ins import delete_old_sign_ins
from oncall.models import LoginFailure
from oncall.running.runtime import Runtime
from oncall.setup.audit import list_audit
from tests.client import TestClient
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import PASSWORD, Clock
from web.edge import COOKIE
from web.known_browser import COOKIE as KNOWN
from web.same_site import local_path


def sign_in(stranger: TestClient, password: str = PASSWORD, **others: str):  # type: ignore[no-untyped-def]
    return stranger.post("/login", data={"handle": "alice", "password": password} | others)


def test_somebody_who_is_not_signed_in_is_led_to_the_login_and_back(stranger: TestClient) -> None:
    led = stranger.get("/alerts")
    assert led.headers["location"] == "/login?next=/alerts"
    assert 'name="next" value="/alerts"' in stranger.get(led.headers["location"]).text

    filtered = "/alerts?q=a%20%26%20b&mine=1"
    led = stranger.get(filtered)
    assert f'name="next" value="{escape(filtered)}"' in stranger.get(led.headers["location"]).text

    assert sign_in(stranger, next="/alerts").headers["location"] == "/alerts"
    assert stranger.get("/alerts").status_code == 200


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(stranger: TestClient) -> None:
    cookie = sign_in(stranger).headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=" in cookie
    assert "secure" not in cookie


def test_the_cookie_is_secure_where_the_service_is_reached_by_https(stranger: TestClient, runtime: Runtime) -> None:
    runtime.settings = runtime.settings.model_copy(update={"public_url": "https://oncall.example.com"})

    assert "; secure" in sign_in(stranger).headers["set-cookie"].lower()
    ours = {"origin": "https://oncall.example.com", "referer": "https://oncall.example.com/me"}
    interrupted = stranger.post("/me/absences", data={"reason": "dentist"}, headers=ours, follow_redirects=False)
    assert "; secure" in interrupted.headers["set-cookie"].lower()


def test_a_wrong_password_says_so_and_keeps_the_handle(stranger: TestClient) -> None:
    response = sign_in(stranger, "not my password")

    assert response.status_code == 401
    assert "is not right" in response.text
    assert 'value="alice"' in response.text
    assert COOKIE not in response.cookies


HERE = "testclient"
"""The address of the test's browsers."""


def wrong_before(runtime: Runtime, clock: Clock, count: int, address: str = HERE) -> None:
    with runtime.database.transaction() as session:
        session.add_all(LoginFailure(handle="alice", address=address, at=clock()) for _ in range(count))


def test_after_too_many_wrong_passwords_the_right_one_must_wait(
    stranger: TestClient, runtime: Runtime, clock: Clock
) -> None:
    wrong_before(runtime, clock, FAILURES - 1)
    sign_in(stranger, "not my password")

    locked = sign_in(stranger)
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "600")
    assert "Too many wrong passwords" in locked.text

    clock.forward(minutes=11)
    assert sign_in(stranger).status_code == 303


def test_wrong_passwords_from_elsewhere_lock_nobody_out(stranger: TestClient, runtime: Runtime, clock: Clock) -> None:
    wrong_before(runtime, clock, FAILURES_FROM_ANYWHERE - 1, "203.0.113.9")

    assert sign_in(stranger).status_code == 303


def test_wrong_passwords_from_everywhere_do(stranger: TestClient, runtime: Runtime, clock: Clock) -> None:
    for number in range(FAILURES_FROM_ANYWHERE // 5):
        wrong_before(runtime, clock, 5, f"203.0.113.{number}")

    assert sign_in(stranger).status_code == 429


def test_where_somebody_has_signed_in_strangers_do_not_lock_them_out(
    stranger: TestClient, runtime: Runtime, clock: Clock
) -> None:
    sign_in(stranger)
    stranger.cookies.delete(COOKIE)
    for number in range(FAILURES_FROM_ANYWHERE // 5):
        wrong_before(runtime, clock, 5, f"203.0.113.{number}")
    wrong_before(runtime, clock, FAILURES)  # behind the same proxy
    assert sign_in(stranger).status_code == 303

    for _ in range(FAILURES):
        assert sign_in(stranger, "not my password").status_code == 401
    assert sign_in(stranger).status_code == 429
    assert on_record(runtime)[-1][2] == "sign-in refused for 10 min: 10 wrong passwords for alice, from testclient"


@pytest.mark.parametrize("handle", ["bob", "alice"])
def test_a_browser_is_known_for_whoever_signed_in_alone(
    handle: str, stranger: TestClient, runtime: Runtime, clock: Clock
) -> None:
    sign_in(stranger, handle=handle)
    forged = stranger.cookies[KNOWN].swapcase() if handle == "alice" else stranger.cookies[KNOWN]
    stranger.cookies.clear()
    stranger.cookies.set(KNOWN, forged)
    wrong_before(runtime, clock, FAILURES)

    assert sign_in(stranger).status_code == 429


def test_only_wrong_passwords_count(stranger: TestClient, runtime: Runtime) -> None:
    sign_in(stranger, "not my password")
    sign_in(stranger)

    with runtime.database.read() as session:
        (failure,) = session.exec(select(LoginFailure)).all()
    assert (failure.handle, failure.address) == ("alice", HERE)


def on_record(runtime: Runtime) -> list[tuple[str, str, str]]:
    """Oldest first."""
    with runtime.database.read() as session:
        return [(row.by, row.entry.via, row.entry.what) for row in reversed(list_audit(session, 500))]


def test_who_signs_in_and_who_is_refused_is_on_record(stranger: TestClient, runtime: Runtime) -> None:
    sign_in(stranger)
    stranger.cookies.clear()
    sign_in(stranger, "not my password")
    stranger.post("/login", data={"handle": "my secret password", "password": "alice"})

    assert on_record(runtime) == [
        ("Alice Archer", "at the login", "signed in with a password, from testclient"),
        ("somebody", "at the login", "sign-in refused: a wrong password for alice, from testclient"),
    ]  # of an address where something was refused a moment ago, no more than that it is locked out


def test_a_handle_that_is_nobodys_is_not_written_down(stranger: TestClient, runtime: Runtime) -> None:
    for _ in range(3):
        stranger.post("/login", data={"handle": "my secret password", "password": "alice"})

    refused = "sign-in refused: nobody has the handle that was typed, from testclient"
    assert on_record(runtime) == [("somebody", "at the login", refused)]


def test_whoever_guesses_does_not_fill_the_record(stranger: TestClient, runtime: Runtime, clock: Clock) -> None:
    sign_in(stranger, "a guess")
    wrong_before(runtime, clock, FAILURES - 2)
    for _ in range(3):
        sign_in(stranger, "a guess")
    for number in range(FAILURES_FROM_ANYWHERE):
        wrong_before(runtime, clock, 1, f"203.0.113.{number}")
    stranger.post("/login", data={"handle": "nobody", "password": "a guess"})

    assert [what for _, _, what in on_record(runtime)] == [
        "sign-in refused: a wrong password for alice, from testclient",
        "sign-in refused for 10 min: 10 wrong passwords for alice, from testclient",
    ]


def test_sign_ins_are_forgotten_after_a_while_and_changes_are_not(
    bob: Browser, stranger: TestClient, runtime: Runtime, clock: Clock
) -> None:
    bob.submit("/people/vera", "/people/vera/role", role="user")
    sign_in(stranger)

    with runtime.database.transaction() as session:
        delete_old_sign_ins(session, clock() + timedelta(days=91))

    assert [what for _, _, what in on_record(runtime)] == ["person vera: role viewer → user"]


def test_when_too_many_sign_in_at_once_the_next_try_again_and_are_not_counted(
    stranger: TestClient, runtime: Runtime
) -> None:
    with turn(), turn():
        busy = sign_in(stranger)

    assert (busy.status_code, busy.headers["retry-after"]) == (503, "5")
    assert 'value="alice"' in busy.text
    with runtime.database.read() as session:
        assert session.exec(select(LoginFailure)).all() == []


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "", "x"],
)
def test_a_login_leads_nowhere_but_to_our_own_pages(elsewhere: str) -> None:
    assert local_path(elsewhere) == "/"


def test_a_login_leads_to_a_page_with_its_filter() -> None:
    assert local_path("/alerts?q=disk&mine=1") == "/alerts?q=disk&mine=1"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example", "http://[", ""])
def test_a_login_from_another_site_is_refused(stranger: TestClient, origin: str) -> None:
    data = {"handle": "alice", "password": PASSWORD}

    assert stranger.post("/login", data=data, headers={"origin": origin}).status_code == 403
    assert stranger.post("/login", data=data, headers={"origin": "http://testserver"}).status_code == 303


def test_a_login_from_our_public_address_is_taken_behind_a_proxy_too(stranger: TestClient, runtime: Runtime) -> None:
    runtime.settings = runtime.settings.model_copy(update={"public_url": "https://oncall.example.com"})

    assert stranger.post("/login", headers={"origin": "https://oncall.example.com"}).status_code == 401
    assert stranger.post("/login", headers={"origin": "https://example.com"}).status_code == 403


def test_signing_out_ends_the_login_and_takes_our_own_form(alice: Browser) -> None:
    assert alice.post("/logout").status_code == 403

    assert "Sign in to oncall" in alice.submit("/me", "/logout")
    assert "Sign in to oncall" in alice.open("/")


def test_a_login_expires(alice: Browser, clock: Clock) -> None:
    clock.now += timedelta(days=31)

    assert "Sign in to oncall" in alice.open("/")
