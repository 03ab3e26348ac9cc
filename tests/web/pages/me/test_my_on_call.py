"""What else belongs to my on-call: readiness, my month, my burden, and our numbers as a contact."""

import pytest
import sqlalchemy as sa
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.load import load
from oncall.models import ContactMethod
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser
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
