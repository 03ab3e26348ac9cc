"""Reports of alerts: how many, how fast they were answered, which rules opened them. Both databases give one answer."""

import math
import random
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.errors import NotFound
from oncall.reports.registry import REPORTS
from oncall.reports.window import Window
from tests.reports.conftest import MARCH, UTC_ZONE, WEEK, Books

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)


def test_alerts_are_counted_by_the_days_of_a_zone(books: Books) -> None:
    """In New York the 8th has 23 hours: it begins at 05:00 UTC and ends at 04:00."""
    new_york = Window(MARCH + 6 * DAY, MARCH + 9 * DAY, ZoneInfo("America/New_York"))
    eighth = MARCH + 7 * DAY
    for at in (eighth + 5 * HOUR - SECOND, eighth + 5 * HOUR, eighth + 28 * HOUR - SECOND, eighth + 28 * HOUR):
        books.alert("web", at)
    books.alert("db", eighth + 6 * HOUR)
    books.alert("db", new_york.end)
    books.alert("db", new_york.start - SECOND)

    found = books.rows("alerts-by-day", new_york)

    assert [(row.first_day.day, row.last_day.day, row.service, row.alerts) for row in found] == [
        (7, 7, "web", 1),
        (8, 8, "db", 1),
        (8, 8, "web", 2),
        (9, 9, "web", 1),
    ]
    assert books.sheet("alerts-by-day", new_york).said == "5 alerts, 1.7 a day; web opened 80 %."


def test_long_windows_are_told_by_weeks_from_monday(books: Books) -> None:
    """The 1st of March is a Sunday."""
    books.alert("web", MARCH)
    books.alert("web", MARCH + DAY)

    first, second = books.rows("alerts-by-day", Window(MARCH, MARCH + 94 * DAY, UTC_ZONE))

    assert (first.first_day, first.last_day) == (date(2026, 3, 1), date(2026, 3, 1))
    assert (second.first_day, second.last_day) == (date(2026, 3, 2), date(2026, 3, 8))


def test_a_team_has_the_alerts_of_its_services(books: Books) -> None:
    books.alert("web", MARCH)
    books.alert("db", MARCH)

    assert [row.service for row in books.rows("alerts-by-day", team="dev")] == ["web"]
    with pytest.raises(NotFound, match=r"There is no team ops\. Known are: dev\."):
        books.rows("alerts-by-day", team="ops")


def test_half_and_nine_in_ten_are_lengths_that_did_occur(books: Books) -> None:
    """Nearest rank, held against sorting them here."""
    dice, lengths = random.Random(4), {"web": list[int](), "db": list[int]()}
    for service, number in (("web", 21), ("db", 10)):
        for _ in range(number):
            lengths[service].append(dice.choice([7, 60, dice.randrange(10_000)]))
            since = MARCH + dice.random() * DAY
            books.alert(service, since.replace(microsecond=0), acknowledged=lengths[service][-1])

    def ranked(seconds: list[int], share: float) -> int:
        return sorted(seconds)[math.ceil(len(seconds) * share) - 1]

    together, *each = books.rows("response-by-service")

    both = lengths["web"] + lengths["db"]
    assert (together.service, together.alerts, together.acknowledged, together.resolved) == (None, 31, 31, 0)
    assert (together.acknowledge_median, together.acknowledge_p90) == (ranked(both, 0.5), ranked(both, 0.9))
    assert [(row.service, row.acknowledge_median, row.acknowledge_p90, row.resolve_median) for row in each] == [
        (name, ranked(lengths[name], 0.5), ranked(lengths[name], 0.9), None) for name in ("web", "db")
    ]


def test_answers_are_counted_on_the_day_of_the_trigger(books: Books) -> None:
    books.alert("web", MARCH + DAY - SECOND, acknowledged=90, resolved=3600)
    books.alert("web", MARCH + 3 * DAY, acknowledged=30)

    together, first, fourth = books.rows("response-by-day")

    assert (together.first_day, together.acknowledged, together.acknowledge_median) == (None, 2, 30)
    assert (first.first_day.day, first.acknowledge_median, first.resolve_p90) == (1, 90, 3600)
    assert (fourth.first_day.day, fourth.acknowledged, fourth.resolved, fourth.resolve_median) == (4, 1, 0, None)
    sheet = books.sheet("response-by-day")
    assert sheet.said.startswith(
        "2 alerts acknowledged: half within 30 s, 9 in 10 within 1 min 30 s. 1 alert resolved:"
    )
    assert [line.values for line in sheet.lines][:2] == [(90, 90, 3600, 3600), (None, None, None, None)]


def test_an_answer_is_the_first_one_and_never_takes_less_than_no_time(books: Books) -> None:
    """Clocks are set back, too."""
    books.alert("web", MARCH, acknowledged=7000, first_acknowledged_at=MARCH + 20 * SECOND)
    books.alert("db", MARCH, acknowledged=-40)

    _, db, web = books.rows("response-by-service")

    assert (web.acknowledge_median, db.acknowledge_median) == (20, 0)


def test_rules_are_known_by_their_words(books: Books) -> None:
    for number in range(3):
        books.alert("web", MARCH + number * HOUR, summary=f"Disk {90 + number} % on db-{number}", event_count=2)
    books.alert("db", MARCH, summary="Disk 95 % on db-7")
    newest = books.alert("web", MARCH + 4 * HOUR, summary="Disk 100 % on db-10", acknowledged=9)

    noisiest, other = books.rows("noisiest")

    assert (noisiest.service, noisiest.summary, noisiest.alerts) == ("web", "Disk # % on db-#", 4)
    assert (noisiest.share, noisiest.events, noisiest.unacknowledged) == (0.8, 7, 3)
    assert (noisiest.last_at, noisiest.last_alert) == (MARCH + 4 * HOUR, newest)
    assert (other.service, other.alerts) == ("db", 1)
    assert books.sheet("noisiest").lines[0].href == "/alerts?status=all&service=web&q=%25+on+db-"


@pytest.mark.parametrize("name", REPORTS)
def test_a_window_in_which_nothing_happened_has_no_lines(name: str, sqlite_books: Books) -> None:
    before = Window(MARCH - 30 * DAY, MARCH - 20 * DAY, UTC_ZONE)

    assert sqlite_books.sheet(name, before).lines == ()
    assert sqlite_books.sheet(name, before).said == ""


def test_the_database_is_asked_as_often_however_much_there_is(sqlite_books: Books) -> None:
    counts = {name: sqlite_books.statements(name) for name in REPORTS}
    for number in range(40):
        sqlite_books.alert(("web", "db")[number % 2], WEEK.start + number * HOUR, 60, 90, f"{chr(65 + number)} fails")
    sqlite_books.page("alice", *(MARCH + number * HOUR for number in range(40)))

    asked = {name: sqlite_books.statements(name) for name in REPORTS}

    assert asked | {"burden": 0} == counts | {"burden": 0}
    assert max(count for name, count in asked.items() if name != "burden") <= 6
