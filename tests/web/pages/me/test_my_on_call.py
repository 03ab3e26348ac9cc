"""What else belongs to my on-call: readiness, my month, my burden, and our numbers as a contact."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.models import ContactMethod, ShadowKind
from oncall.rota.plans import find_schedule
from oncall.rota.shadows import NewShadow, add_shadow
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, person
from tests.web.pages.conftest import NOW


def test_whoever_is_on_call_reads_whether_they_are_ready(alice: Browser, runtime: Runtime) -> None:
    assert "You are ready, and on call until" in alice.open("/me")
    with runtime.database.transaction() as session:
        for method in session.exec(select(ContactMethod)):
            method.verified_at = None

    page = alice.open("/me")

    assert "You are on call, and not ready" in page
    assert '<a href="/me/reached#contact-methods">Nobody can page you: confirm a phone.</a>' in page


def test_an_absence_in_the_next_shift_is_in_its_way(alice: Browser) -> None:
    alice.submit("/me", "/me/absences", start="2026-03-03T10:00", end="2026-03-03T20:00", reason="travel")

    assert "You are away in some of it: ask for cover." in alice.open("/me")


def test_whose_first_shift_it_is_is_told(bob: Browser, alice: Browser, runtime: Runtime) -> None:
    first = """
users: [{handle: alice, experienced: []}]
schedules:
  - name: dev
    rotations:
      - {name: developers, members: [alice, bob], start: 2026-03-02T00:00, shift: 1 week, first_shift_level: L1}"""
    with runtime.database.transaction() as session:
        apply(session, load(first), NOW, confirm=True)

    assert "It is your first shift on this level" in alice.open("/me")
    assert "It is your first shift" not in bob.open("/me")


def test_a_shift_that_is_as_far_away_as_home_tells_of_is_there_too(alice: Browser, runtime: Runtime) -> None:
    turns = "{name: developers, members: [bob, alice], start: 2026-03-02T00:00, shift: 11 weeks, until: null}"
    with runtime.database.transaction() as session:
        apply(session, load(f"schedules: [{{name: dev, rotations: [{turns}]}}]"), NOW, confirm=True)

    assert "Your next shift: dev L1, Sun 17 May" in text_of(alice.open("/"))
    for page in ("/me", "/people/alice"):
        shifts = alice.open(page).partition('id="shifts-title"')[2].partition("</section>")[0]
        assert "17 May" in text_of(shifts)


def test_my_month_has_my_shifts_and_absences_by_day(alice: Browser) -> None:
    alice.submit("/me", "/me/absences", start="2026-03-20T10:00", end="2026-03-20T20:00", reason="travel")

    page = alice.open("/me/month")

    assert "March 2026" in page
    assert page.count("dev L1") == 6  # from Sunday evening to Friday evening in New York
    assert '<span class="away">travel</span>' in page
    assert "month=2026-02" in page
    assert "month=2026-04" in page
    assert "no shift" not in page
    far = alice.open("/me/month?month=2027-02")
    assert "February 2027" in far
    assert "Days of New York. You have no shift in February." in far
    assert "March 2026" in alice.open("/me/month?month=0001-01")


def test_my_burden_stands_beside_the_median(alice: Browser, vera: Browser) -> None:
    page = alice.open("/me/burden")

    assert "hours on call" in page
    assert "<meter" in page
    assert "You take turns on no schedule" in vera.open("/me/burden")


def test_without_numbers_there_is_no_contact_to_save(alice: Browser) -> None:
    assert "No number is set up yet" in alice.open("/me/reached")
    alice.open("/me/oncall.vcf", status=404)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/me", 22),
        ("/me/reached", 10),
        ("/me/month", 5),
        ("/would-page", 33),
        ("/policies", 10),
        ("/services", 10),
        ("/teams", 10),
        ("/people", 10),
        ("/policies/dev", 10),
    ],
)
def test_a_page_asks_no_more_when_there_is_more(alice: Browser, runtime: Runtime, path: str, most: int) -> None:
    def asked() -> int:
        alice.open(path)  # what is kept in memory is there
        statements: list[str] = []
        note = lambda *arguments: statements.append(arguments[2])  # noqa: E731
        sa.event.listen(runtime.database.engine, "before_cursor_execute", note)
        alice.open(path)
        sa.event.remove(runtime.database.engine, "before_cursor_execute", note)
        return len(statements)

    before = asked()
    with runtime.database.transaction() as session:
        apply(session, load(_more()), NOW, confirm=True)

    assert asked() == before <= most


def _more() -> str:
    schedules = "".join(
        f"  - {{name: s{i}, timezone: UTC, levels: [L1], rotations: [{{name: r, members: [alice], "
        "start: 2026-05-02T00:00, shift: 1 day}]}\n"
        for i in range(5)
    )
    policies = "".join(f"  - {{name: p{i}, steps: [{{page: 'schedule:s{i}/L1', wait: 5m}}]}}\n" for i in range(5))
    services = "".join(f"  - {{name: z{i}, escalation_policy: p{i}}}\n" for i in range(5))
    return f"schedules:\n{schedules}escalation_policies:\n{policies}services:\n{services}"


def test_a_zone_without_letters_is_named_by_its_offset(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        apply(session, load("users: [{handle: alice, timezone: America/Sao_Paulo}]"), NOW, confirm=True)

    assert "times of Sao Paulo (UTC-03)" in alice.open("/me")
    assert "Times of Sao Paulo (UTC-03)" in alice.open("/schedules/dev")


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def follow(runtime: Runtime, kind: ShadowKind = ShadowKind.SHADOW, level: str = "L1", in_hours: int = 0) -> None:
    """Carla, who takes no turns, with the schedule dev for a day."""
    start = NOW + timedelta(hours=in_hours)
    with runtime.database.transaction() as session:
        bob, carla = person(session, "bob"), person(session, "carla")
        wanted = NewShadow(level, carla, start, start + timedelta(days=1), kind)
        add_shadow(session, bob, find_schedule(session, "dev"), wanted, NOW)


@pytest.fixture
def carla(runtime: Runtime, browser_of: Callable[[str], Browser]) -> Browser:
    methods = 'contact_methods: [{name: mobile, kind: sms, address: "+12025550104", verified: true}]'
    learner = f"users: [{{handle: carla, name: Carla Costa, timezone: America/New_York, {methods}}}]"
    with runtime.database.transaction() as session:
        apply(session, load(learner), NOW)
    return browser_of("carla")


def test_whom_i_follow_is_among_my_shifts_and_is_not_being_on_call(carla: Browser, runtime: Runtime) -> None:
    follow(runtime)
    page = carla.open("/me")
    assert '<a href="/schedules/dev#shadows">Following Alice Archer on dev L1</a>' in page
    assert "you are never called, and nobody waits for your answer." in page
    assert "2 Mar" in page
    assert "Ask for cover" not in page
    assert "You can be paged; no shift is within 90 days" in page


def test_nobody_follows_themselves_but_for_a_part(alice: Browser, runtime: Runtime) -> None:
    times = {"start": "2026-03-02T20:00", "end": "2026-03-03T20:00"}
    form = {"level": "L1", "person": "alice", **times}
    page = alice.submit("/schedules/dev", "/schedules/dev/shadows", **form)
    assert "Nobody but Alice Archer is on call for dev (L1) then" in text_of(page)

    covered = "{level: L1, user: bob, start: 2026-03-03T10:00, end: 2026-03-03T20:00}"
    with runtime.database.transaction() as session:
        apply(session, load(f"schedules: [{{name: dev, overrides: [{covered}]}}]"), NOW, confirm=True)
    alice.submit("/schedules/dev", "/schedules/dev/shadows", **form)
    assert "Following yourself and Bob Baker on dev L1" in alice.open("/me")


def test_where_i_am_paged_first_i_am_told_whether_i_am_ready(carla: Browser, runtime: Runtime) -> None:
    follow(runtime, ShadowKind.REVERSE, in_hours=24)
    page = text_of(carla.open("/me"))
    assert "Paged first on dev L1, with Alice Archer behind you" in page
    assert "You are ready to be paged first on dev L1, Tue 10:00" in page
    with runtime.database.transaction() as session:
        for method in session.exec(select(ContactMethod)):
            method.verified_at = None
    assert "You are not ready to be paged first on dev L1" in carla.open("/me")


def test_an_absence_while_i_am_paged_first_is_in_its_way(carla: Browser, runtime: Runtime) -> None:
    follow(runtime, ShadowKind.REVERSE, in_hours=24)
    page = carla.submit("/me", "/me/absences", start="2026-03-03T12:00", end="2026-03-03T20:00", reason="travel")
    assert "You are away in some of it: end it, and follow another day." in page


def test_a_shift_before_it_is_what_i_must_be_ready_for_first(carla: Browser, runtime: Runtime) -> None:
    follow(runtime, ShadowKind.REVERSE, in_hours=24)
    override = "{level: L2, user: carla, start: 2026-03-02T20:00, end: 2026-03-02T22:00}"
    with runtime.database.transaction() as session:
        apply(session, load(f"schedules: [{{name: dev, overrides: [{override}]}}]"), NOW, confirm=True)
    assert "You are ready for your next shift, 14:00" in text_of(carla.open("/me"))


def test_my_month_has_whom_i_follow_by_day_and_what_it_means(carla: Browser, runtime: Runtime) -> None:
    follow(runtime)
    page = text_of(carla.open("/me/month"))
    assert page.count("Following Alice Archer on dev L1") == 2
    assert "from 10:00" in page
    assert "until 10:00" in page
    assert page.count("you are never called, and nobody waits for your answer.") == 1
    assert "You have no shift in March." in page
    assert "never called" not in carla.open("/me/month?month=2026-05")


def test_home_says_whom_i_follow_now_and_next_and_shows_their_schedule(carla: Browser, runtime: Runtime) -> None:
    follow(runtime)
    follow(runtime, ShadowKind.REVERSE, in_hours=48)
    follow(runtime, level="L2", in_hours=72)
    page = carla.open("/")
    assert "Following Alice Archer on dev L1</a> until" in page
    assert "Paged first on dev L1, with Alice Archer behind you</a>: " in page
    assert "on dev L2" not in page
    assert "You are on call" not in page
    assert "Your next shift" not in page
    assert "Carla Costa follows along" in page


def test_the_card_of_a_schedule_names_who_is_paged_first(carla: Browser, alice: Browser, runtime: Runtime) -> None:
    follow(runtime, ShadowKind.REVERSE)
    assert "Carla Costa is paged first, to learn" in alice.open("/")
    assert "Carla Costa is paged first, to learn" in alice.open("/schedules/dev")
