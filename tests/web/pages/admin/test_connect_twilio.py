"""Connecting Twilio: what to set and paste, whether Twilio knows us, and a text to one's own phone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr
from sqlmodel import select

from oncall.auth import sessions
from oncall.models import Delivery
from oncall.people.people import methods_of
from oncall.running.runtime import Runtime, build_runtime
from tests.client import TestClient
from tests.fake_twilio import NUMBER, SID, TOKEN, FakeTwilio
from tests.web.pages.browser import Browser, person
from tests.web.pages.conftest import NOW, Clock
from web.app import create_app
from web.edge import COOKIE

HERE = "/setup/twilio"
PUBLIC = "https://oncall.example.com"


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as server:
        yield server


@contextmanager
def started_with(runtime: Runtime, clock: Clock, **lines: object) -> Iterator[Browser]:
    """Bob, once the server was started again with the lines, and not as a demo."""
    settings = runtime.settings.model_copy(update={"demo": False, **lines})
    again = build_runtime(settings, clock, with_engine=False)
    with again.database.transaction() as session:
        token = sessions.begin(session, person(session, "bob"), NOW, hours=24)
    headers = {"accept": "text/html"}
    with TestClient(create_app(again), base_url=PUBLIC, headers=headers, cookies={COOKIE: token}) as client:
        yield Browser(client)


@contextmanager
def connected(runtime: Runtime, clock: Clock, twilio: FakeTwilio, token: str = TOKEN) -> Iterator[Browser]:
    given = {"account_sid": SID, "auth_token": SecretStr(token), "from": NUMBER, "base_url": twilio.base_url}
    lines = {f"twilio_{name}": value for name, value in given.items()}
    with started_with(runtime, clock, public_url=PUBLIC, **lines) as bob:
        yield bob


def test_it_says_which_lines_are_missing_and_what_to_paste_at_twilio(runtime: Runtime, clock: Clock) -> None:
    with started_with(runtime, clock) as bob:
        page, forms, sending = bob.open(HERE), bob.forms(HERE), bob.open("/admin")

    assert page.count("missing</span>") == 4
    assert "ONCALL_TWILIO_ACCOUNT_SID=AC…\nONCALL_TWILIO_AUTH_TOKEN=…\n" in page
    assert f"ONCALL_PUBLIC_URL={PUBLIC}" in page
    assert f'value="{PUBLIC}/callbacks/twilio/sms"' in page
    assert f"{HERE}/check" not in forms
    assert f'href="{HERE}">Connect Twilio' in sending


def test_set_up_leads_there_while_no_code_can_be_sent(runtime: Runtime, clock: Clock) -> None:
    with runtime.database.transaction() as session:
        for method in methods_of(session, person(session, "bob")):
            method.verified_at = None
    with started_with(runtime, clock) as bob:
        page = bob.open("/setup")

    assert f'<a class="btn" href="{HERE}">' in page, "a service with a key comes first"
    assert "A code was sent" not in page


def test_only_admins_see_it_and_ask_twilio(alice: Browser) -> None:
    alice.open(HERE, status=403)
    assert alice.client.post(f"{HERE}/check", data={"csrf": "x"}).status_code == 403


def test_what_the_server_has_is_said_and_no_secret_is_shown(runtime: Runtime, clock: Clock, twilio: FakeTwilio) -> None:
    with connected(runtime, clock, twilio) as bob:
        page = bob.open(HERE)

    assert page.count("has it</span>") == 4
    assert NUMBER in page
    assert TOKEN not in page
    assert SID not in page
    assert f"{PUBLIC}/callbacks/twilio/sms" in page


def test_twilio_is_asked_and_one_sentence_says_what_is_wrong(
    runtime: Runtime, clock: Clock, twilio: FakeTwilio
) -> None:
    with connected(runtime, clock, twilio) as bob:
        assert "answers by text go nowhere" in bob.submit(HERE, f"{HERE}/check")
        twilio.number["sms_url"] = f"{PUBLIC}/callbacks/twilio/sms"
        assert "Twilio knows the account" in bob.submit(HERE, f"{HERE}/check")
        twilio.go_away()
        assert "Twilio has trouble" in bob.submit(HERE, f"{HERE}/check")
    with connected(runtime, clock, twilio, token="wrong") as bob:
        twilio.work_again()
        assert "Twilio refused our credentials" in bob.submit(HERE, f"{HERE}/check")


def test_a_text_to_ones_own_phone_tries_it(runtime: Runtime, clock: Clock, twilio: FakeTwilio) -> None:
    with connected(runtime, clock, twilio) as bob:
        (text, _call) = [action for action in bob.forms(HERE) if "/try/" in action]
        page = bob.submit(HERE, text)

    assert "On its way to" in page
    assert "now</time>: on its way" in page
    with runtime.database.read() as session:
        assert session.exec(select(Delivery.address)).all() == ["+12025550102"]
