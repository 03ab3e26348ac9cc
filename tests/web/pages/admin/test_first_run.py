"""From an empty database to an alert that pages whoever set it up, form by form."""

from collections.abc import Iterator
from random import Random

import pytest
from sqlmodel import select

from oncall.escalation.steps import step_due_alerts
from oncall.models import ContactMethod, Delivery, Schedule, User
from oncall.running.runtime import Runtime, build_runtime
from oncall.settings import Settings
from oncall.setup.first_run import code_of
from tests.client import TestClient
from tests.web.pages.browser import Browser, fire
from tests.web.pages.conftest import PASSWORD, Clock
from web.app import create_app

ANN = {
    "name": "Ann Lee",
    "handle": "ann",
    "email": "ann@example.com",
    "timezone": "Europe/Berlin",
    "password": PASSWORD,
}


@pytest.fixture
def empty(sqlite_settings: Settings, clock: Clock) -> Iterator[Runtime]:
    settings = sqlite_settings.model_copy(update={"demo": True})
    built = build_runtime(settings, clock, with_engine=False)
    yield built
    built.database.close()


@pytest.fixture
def visitor(empty: Runtime) -> Iterator[Browser]:
    with TestClient(create_app(empty), headers={"accept": "text/html"}) as client:
        yield Browser(client)


@pytest.fixture
def ann(visitor: Browser, empty: Runtime) -> Browser:
    visitor.submit(f"/setup?code={code_of(empty.signer)}", "/setup/admin", **ANN)
    return visitor


def test_whoever_comes_first_is_led_to_the_set_up_but_must_have_the_printed_link(visitor: Browser) -> None:
    led = visitor.client.get("/alerts")

    assert led.url.path == "/setup"
    assert led.status_code == 403
    assert "open the whole link that the server printed" in led.text
    assert 'href="/alerts"' not in led.text  # nor any other page, all of which lead back to this one
    assert 'href="/"' not in led.text


def test_a_stranger_with_a_code_of_their_own_becomes_nothing(visitor: Browser, empty: Runtime) -> None:
    assert visitor.client.post("/setup/admin", data={**ANN, "code": "guessed"}).status_code == 403

    with empty.database.read() as session:
        assert session.exec(select(User)).all() == []


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(visitor: Browser, empty: Runtime) -> None:
    sent = {**ANN, "handle": "ann lee", "code": code_of(empty.signer)}

    answer = visitor.client.post("/setup/admin", data=sent)

    assert answer.status_code == 400
    assert 'aria-describedby="admin-handle-wrong"' in answer.text
    assert "can&#39;t be a handle" in answer.text
    assert 'value="Ann Lee"' in answer.text
    assert PASSWORD not in answer.text


def test_once_somebody_is_here_the_printed_link_makes_nobody_an_admin(ann: Browser, empty: Runtime) -> None:
    ann.client.cookies.clear()

    again = ann.client.post("/setup/admin", data={**ANN, "handle": "eve", "code": code_of(empty.signer)})

    assert again.status_code == 409
    assert "set this installation up already" in again.text
    assert ann.client.get("/setup").url.path == "/login"


def test_five_steps_lead_to_an_alert_that_has_paged_its_reader(ann: Browser, empty: Runtime) -> None:
    assert "1 of 5 steps done" in ann.open("/setup")

    ann.submit("/setup", "/setup/team", team="payments", starter="three-days", people="Bob Baker, bob@example.com")
    ann.submit("/setup", "/setup/service", service="payments-api", tool="prometheus")
    ann.submit("/setup", "/setup/contact", kind="sms", address="+1 202 555 0100")
    with empty.database.read() as session:
        code = session.exec(select(ContactMethod.code)).one() or ""
    ann.submit("/setup", "/setup/contact/1/verify", code=code)
    fired = ann.submit("/setup", "/setup/alert")
    with empty.database.transaction() as session:
        step_due_alerts(session, empty.clock())

    assert "4 of 5 steps done" in fired
    page = ann.open("/setup")
    assert "TEST: " in page
    assert "Ann Lee" in page
    with empty.database.read() as session:
        (paged,) = session.exec(select(Delivery).where(Delivery.alert_id == 1)).all()
    assert paged.address == "+12025550100"

    ann.submit("/alerts/1", "/alerts/1/acknowledge")
    assert "All five steps are done" in ann.open("/setup")


def test_a_team_that_can_not_be_made_leaves_nothing_behind_and_keeps_what_was_typed(
    ann: Browser, empty: Runtime
) -> None:
    page = ann.submit("/setup", "/setup/team", team="payments", starter="three-days", people="Bob, bob")

    assert "Line 1: &#34;bob&#34; is not an email address" in page
    assert 'value="payments"' in page
    assert ">Bob, bob</textarea>" in page
    with empty.database.read() as session:
        assert session.exec(select(Schedule)).all() == []


@pytest.mark.parametrize("count", [150, 400], ids=["in their field", "to be copied"])
def test_a_company_that_was_pasted_is_not_lost_for_one_bad_line(ann: Browser, count: int) -> None:
    lines = [f"{given} {name}, {given}.{name}@example.com, Europe/Lisbon" for given, name in names(count)]
    typed = {"team": "dev", "starter": "three-days", "people": "\n".join([*lines, "Bob, bob"])}

    page = ann.post("/setup/team", **ann.forms("/setup")["/setup/team"] | typed).text

    assert "is not an email address" in page
    assert lines[-1] in page


def names(count: int) -> list[tuple[str, str]]:
    """As unlike each other as names are."""
    letters = Random(7)
    return [tuple("".join(letters.choices("aeioubdklmnrst", k=7)) for _ in range(2)) for _ in range(count)]  # type: ignore[misc]


def test_a_service_needs_a_team_first(ann: Browser) -> None:
    csrf = ann.forms("/setup")["/setup/team"]["csrf"]

    page = ann.post("/setup/service", csrf=csrf, service="web", tool="prometheus").text

    assert "Make a team and its schedule first" in page


def test_the_set_up_is_for_admins(alice: Browser, bob: Browser, runtime: Runtime) -> None:
    fire(runtime)

    alice.open("/setup", status=403)
    assert "says who is on call" in bob.open("/setup")
