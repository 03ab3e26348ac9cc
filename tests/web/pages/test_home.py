"""Home: what is mine, what needs me, and paging whoever is on call."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.models import Alert, ContactMethod, Severity
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, fire, person
from tests.web.pages.conftest import COMPANY, NOW, Clock
from web.pages.home import FEW


def with_schedules(runtime: Runtime, count: int) -> None:
    """So many more, on which Vera is on call, and nobody else."""
    (dev,) = COMPANY["schedules"]
    rotation = {**dev["rotations"][0], "members": ["vera"]}  # type: ignore[index]
    more = [{**dev, "name": f"more{number:02}", "rotations": [rotation]} for number in range(count)]  # type: ignore[dict-item]
    with runtime.database.transaction() as session:
        apply(session, Config.model_validate({"schedules": more}), NOW)


@contextmanager
def counting(runtime: Runtime) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    sa.event.listen(runtime.database.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(runtime.database.engine, "before_cursor_execute", note)


def test_home_says_who_comes_next_and_when_it_is_my_turn(alice: Browser, bob: Browser, clock: Clock) -> None:
    clock.forward(days=-10)  # before the first turn

    assert "then Alice Archer" in alice.open("/")
    assert "Your next shift</a>: dev L1" in alice.open("/")
    assert "Your next shift</a>: dev L2" in bob.open("/")


def test_the_next_shift_is_the_soonest_on_whichever_schedule(
    alice: Browser, bob: Browser, runtime: Runtime, clock: Clock
) -> None:
    (dev,) = COMPANY["schedules"]
    sooner = {**dev["rotations"][0], "start": "2026-02-25T00:00", "until": "2026-02-27T00:00"}  # type: ignore[index]
    ops = {**dev, "name": "ops", "rotations": [sooner]}  # type: ignore[dict-item]
    with runtime.database.transaction() as session:
        apply(session, Config.model_validate({"schedules": [ops]}), NOW)
    clock.forward(days=-10)

    assert "Your next shift</a>: ops L1" in alice.open("/")
    of_alice = bob.open("/people/alice")
    assert of_alice.index('href="/schedules/ops"') < of_alice.index('href="/schedules/dev"')


def test_schedules_of_others_are_a_list_where_there_are_many(alice: Browser, runtime: Runtime) -> None:
    with_schedules(runtime, FEW - 1)
    assert "On call elsewhere" not in alice.open("/")

    with_schedules(runtime, FEW)
    page = alice.open("/")
    mine, elsewhere = page.split("On call elsewhere")
    assert 'href="/schedules/dev"' in mine
    assert elsewhere.count('class="name cut" href="/schedules/more') == FEW
    assert "Vera Viewer" in elsewhere


def test_a_contact_method_that_does_not_count_yet_is_to_be_verified(alice: Browser, runtime: Runtime) -> None:
    assert "Verify “" not in alice.open("/")

    with runtime.database.transaction() as session:
        mobile = select(ContactMethod).where(ContactMethod.user_id == person(session, "alice").id)
        session.exec(mobile.where(ContactMethod.name == "mobile")).one().verified_at = None

    assert "Verify “mobile”" in alice.open("/")


def test_what_is_to_mend_is_for_those_who_run_the_schedule(alice: Browser, bob: Browser) -> None:
    assert "#attention" in bob.open("/")
    assert "#attention" not in alice.open("/")


def test_the_on_call_of_a_schedule_is_paged_with_a_sentence_in_my_name(alice: Browser, runtime: Runtime) -> None:
    assert 'href="/page?schedule=dev"' in alice.open("/")
    sent = {"schedule": "dev", "text": "Checkout fails for everybody"}

    page = alice.submit("/page?schedule=dev", "/page", **sent)

    assert "Checkout fails for everybody" in page
    assert "Triggered by Alice Archer on the web" in page
    assert "is being paged: below you see who" in page
    with runtime.database.read() as session:
        assert session.exec(select(Alert.severity)).one() is Severity.ERROR


def test_a_page_that_is_sent_twice_is_one_alert(alice: Browser, runtime: Runtime) -> None:
    form = alice.forms("/page?schedule=dev")["/page"] | {"schedule": "dev", "text": "Checkout fails"}

    places = {alice.client.post("/page", data=form, follow_redirects=False).headers["location"] for _ in range(2)}

    assert len(places) == 1
    with runtime.database.read() as session:
        assert session.exec(select(Alert.event_count)).one() == 2


@pytest.mark.parametrize(
    ("schedule", "text", "why"),
    [
        ("dev", " ", "Say what is wrong"),
        ("", "Checkout fails", "Choose whom to page."),
        ("nothing", "Checkout fails", "There is no schedule nothing."),
        ("more00", "Checkout fails", "No service pages more00 first"),
    ],
)
def test_a_page_that_can_reach_nobody_says_why_and_keeps_what_was_typed(
    alice: Browser, runtime: Runtime, schedule: str, text: str, why: str
) -> None:
    with_schedules(runtime, 1)

    page = alice.submit("/page", "/page", schedule=schedule, text=text)

    assert why in page
    assert f">{text}</textarea>" in page
    with runtime.database.read() as session:
        assert session.exec(select(Alert.id)).all() == []


def test_whoever_only_looks_pages_nobody(vera: Browser) -> None:
    assert "/page" not in vera.open("/")
    vera.open("/page", status=403)


@pytest.mark.parametrize(
    ("path", "most"), [("/", 11), ("/alerts", 8), ("/alerts?status=all&q=full&mine=1", 8), ("/alerts/1", 26)]
)
def test_a_page_asks_the_database_as_often_however_much_there_is(
    bob: Browser, runtime: Runtime, path: str, most: int
) -> None:
    fire(runtime, "Disk full")
    bob.open(path)
    with counting(runtime) as few:
        bob.open(path)

    with_schedules(runtime, 12)
    for number in range(20):
        fire(runtime, f"Disk {number} full", service="search")
    bob.open(path)  # schedules that have changed are worked out anew once
    with counting(runtime) as many:
        bob.open(path)

    assert len(few) == len(many), set(many) - set(few)
    assert len(many) <= most
