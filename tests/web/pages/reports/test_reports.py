"""The pages of reports, as a browser without JavaScript has them."""

import re

import pytest
import sqlalchemy as sa

from oncall.alerts.actions import Actor, acknowledge, snooze, unacknowledge
from oncall.reports.registry import REPORTS
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser, fire, person, stored
from tests.web.pages.conftest import NOW, Clock
from tests.web.pages.reports.test_burden import rows

FRAGMENT = {"hx-request": "true"}


def test_before_the_first_alert_there_is_only_the_report_of_shifts(alice: Browser, clock: Clock) -> None:
    clock.forward(seconds=1)

    page = alice.open("/reports")

    assert "No alert has come yet." in page
    assert re.findall(r'hx-get="/reports/([a-z-]+)', page) == ["burden"]


def test_the_page_of_all_leads_to_each_for_the_same_days_and_team(
    alice: Browser, runtime: Runtime, clock: Clock
) -> None:
    number = fire(runtime)
    with runtime.database.transaction() as session:
        acknowledge(session, number, Actor(person(session, "alice"), "on the web"), clock())
    clock.forward(seconds=1)

    page = alice.open("/reports?window=last-90")

    assert "Wed 3 Dec 2025 to Mon 2 Mar 2026, days in New York." in page
    for name in REPORTS:
        assert f'hx-get="/reports/{name}?window=last-90"' in page
        assert f'<a class="btn slim" href="/reports/{name}?window=last-90">Show by itself</a>' in page
        assert f'href="/reports/{name}.csv?window=last-90"' in page


def test_reports_that_have_nothing_to_show_say_so_at_once(alice: Browser, runtime: Runtime, clock: Clock) -> None:
    number = fire(runtime)
    clock.forward(seconds=1)

    page, before = alice.open("/reports"), alice.open("/reports?from=2026-02-01&until=2026-02-20")

    assert re.findall(r'hx-get="/reports/([a-z-]+)', page) == [
        name for name in REPORTS if not name.startswith("response")
    ]
    assert page.count("No alert was acknowledged or resolved in these days.") == 2
    assert "hx-get" not in before.partition("<main")[2]
    assert before.count("in these days.") == len(REPORTS)
    with runtime.database.transaction() as session:
        acknowledge(session, number, Actor(person(session, "alice"), "on the web"), clock())
    clock.forward(seconds=1)
    assert 'hx-get="/reports/response-by-day"' in alice.open("/reports")


def test_a_report_is_a_sentence_and_the_table_that_its_picture_is_drawn_from(
    alice: Browser, runtime: Runtime, clock: Clock
) -> None:
    fire(runtime)
    fire(runtime, "Search is slow", service="search")
    clock.forward(seconds=1)

    page = alice.open("/reports/alerts-by-day?window=last-7")

    assert "2 alerts, 0.3 a day; " in page
    assert rows(page)["Mon 2 Mar"] == ["1", "1"]
    assert rows(page)["Sun 1 Mar"] == ["0", "0"]
    assert 'data-picture="stacked"' in page
    assert '<th scope="col">search</th><th scope="col">web</th>' in page


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_opens_by_itself_and_as_a_part(name: str, alice: Browser, runtime: Runtime, clock: Clock) -> None:
    fire(runtime, "<b>Disk</b> 95 % full")
    clock.forward(hours=16)  # two in the morning
    acknowledged = fire(runtime, "Disk 96 % full")
    with runtime.database.transaction() as session:
        acknowledge(session, acknowledged, Actor(person(session, "alice"), "on the web"), clock())
    clock.forward(seconds=1)

    page = alice.open(f"/reports/{name}")
    part = alice.client.get(f"/reports/{name}", headers=FRAGMENT).text

    assert f"<h1>{REPORTS[name].title}</h1>" in page
    assert '<data value="' in part
    assert "<html" not in part
    assert "<h1" not in part
    assert "<b>Disk" not in page
    assert " style=" not in page.partition("<main")[2]
    (table,) = re.findall(r"<table.*?</table>", part, re.S)
    assert "".join(table.split()) in "".join(page.split())


def test_the_library_that_draws_is_loaded_only_where_it_draws(alice: Browser) -> None:
    assert "vendor/chart.umd.min.js" in alice.open("/reports")
    assert "vendor/chart.umd.min.js" not in alice.open("/burden")


def test_what_is_wrong_with_the_days_is_said_beside_them_and_they_stay(alice: Browser) -> None:
    for query, sentence in {
        "from=2026-02-20&until=2026-02-01": "The last day is before the first: choose a later one.",
        "from=yesterday&until=2026-02-01": "Say the first day, such as 2026-02-01.",
        "from=2026-02-20": "Say the last day, such as 2026-02-01.",
        "from=1026-02-20&until=2026-02-21": "The first day is too far away",
        "from=2024-02-20&until=2026-02-21": "The window is longer than 400 days",
    }.items():
        for path in ("/reports", "/reports/nights"):
            page = alice.open(f"{path}?{query}", status=400)
            assert sentence in page
            assert re.search(r'aria-invalid="true" aria-describedby="wrong"', page)
    assert 'name="from" value="yesterday"' in alice.open("/reports?from=yesterday&until=2026-02-01", status=400)


def test_days_of_one_s_own_are_whole_and_both_are_in_it(alice: Browser, runtime: Runtime) -> None:
    fire(runtime)

    page = alice.open("/reports/alerts-by-day?from=2026-03-01&until=2026-03-02")

    assert "Sun 1 Mar 2026 to Mon 2 Mar 2026" in page
    assert rows(page) == {"Sun 1 Mar": ["0"], "Mon 2 Mar": ["1"]}
    assert "No alerts in these days." in alice.open("/reports/alerts-by-day?from=2026-03-01&until=2026-03-01")


def test_nothing_to_show_says_what_to_do(alice: Browser) -> None:
    assert 'connect your monitoring on <a href="/services">' in alice.open("/reports/noisiest")
    assert "Nobody was paged at night in these days." in alice.open("/reports/nights")


def test_it_says_how_far_back_alerts_are_kept(alice: Browser, runtime: Runtime) -> None:
    assert "Alerts are deleted 365 days after they were resolved, and not counted" in alice.open("/reports")
    assert "may be missing" in alice.open("/reports?from=2025-02-10&until=2026-03-01")


def test_each_is_there_as_csv(alice: Browser, runtime: Runtime, clock: Clock) -> None:
    fire(runtime, "=HYPERLINK(1)")
    clock.forward(seconds=1)

    answer = alice.client.get("/reports/noisiest.csv?window=last-7")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="noisiest-2026-02-24-2026-03-02.csv"'
    assert answer.text.splitlines()[0] == "service,summary,alerts,share,events,unacknowledged,last_at,last_alert"
    assert answer.text.splitlines()[1].startswith("web,'=HYPERLINK(#),1,1.00,1,1,2026-03-02T15:00:00+00:00,")
    assert alice.client.get("/reports/noisiest.csv?from=x").status_code == 400


def test_what_is_not_there_is_said_to_be_missing(alice: Browser) -> None:
    assert "There is no report sleep. Known are: alerts-by-day, " in alice.open("/reports/sleep", status=404)
    assert "There is no team ops." in alice.open("/reports/nights?team=ops", status=404)


def test_the_page_of_all_asks_the_database_as_often_however_much_there_is(alice: Browser, runtime: Runtime) -> None:
    asked: list[object] = []

    def statements() -> int:
        asked.clear()
        alice.open("/reports")
        return len(asked)

    sa.event.listen(runtime.database.engine, "before_cursor_execute", lambda *each: asked.append(each))
    fire(runtime)
    before = statements()
    for number in range(5):
        fire(runtime, f"Problem {chr(65 + number)}")

    assert statements() == before
    assert before <= 8


def test_they_are_for_people_who_have_signed_in(stranger: TestClient) -> None:
    for path in ("/reports", "/reports/nights", "/reports/nights.csv"):
        assert stranger.get(path).headers["location"].startswith("/login")


def test_an_answer_counts_when_it_was_first_given(alice: Browser, runtime: Runtime, clock: Clock) -> None:
    """A snooze, or paging anew, makes no slow answer of a fast one."""
    number = fire(runtime)
    clock.forward(seconds=50)
    deeds = [
        lambda session, by: acknowledge(session, number, by, clock()),
        lambda session, by: snooze(session, number, by, clock() - NOW, clock()),
        lambda session, by: unacknowledge(session, number, by, clock()),
        lambda session, by: acknowledge(session, number, by, clock()),
    ]
    for deed in deeds:
        with runtime.database.transaction() as session:
            deed(session, Actor(person(session, "alice"), "on the web"))
        clock.forward(hours=1)

    alert = stored(runtime, number)
    assert alert.acknowledged_at != alert.first_acknowledged_at
    assert "1 alert acknowledged: half within 50 s, 9 in 10 within 50 s." in alice.open("/reports/response-by-day")
