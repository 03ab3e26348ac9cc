"""Pages of the past are added up once, and what was counted is what would be counted anew."""

from datetime import datetime, timedelta

from sqlmodel import Session, func, select

from oncall.models import Page, PagesSoFar, PastPage, User
from oncall.reports.pages_so_far import SETTLED, count_days, counted
from oncall.reports.pages_taken import Taken, taken_by, taken_hourly
from tests.reports.conftest import MARCH, Books
from tests.reports.conftest import books as books
from tests.reports.conftest import contents as contents

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOON = MARCH + 12 * HOUR


def count(books: Books, now: datetime) -> None:
    count_days(books.database, lambda: now, lambda _seconds: False)


def rows(books: Books) -> int:
    with books.database.read() as session:
        return session.exec(select(func.count()).select_from(PagesSoFar)).one()


def id_of(session: Session, handle: str) -> int:
    return session.exec(select(User.id).where(User.handle == handle)).one() or 0


def taken(books: Books, handle: str, start: datetime, end: datetime) -> Taken | None:
    with books.database.read() as session:
        return taken_by(session, start, end).get(id_of(session, handle))


def test_a_day_is_counted_some_hours_after_it_is_over(books: Books) -> None:
    books.page("carol", NOON + HOUR)
    over = NOON + DAY + SETTLED
    count(books, over - HOUR)
    before = rows(books)

    count(books, over)
    assert rows(books) == before + 1  # elsewhere noon is at another time
    count(books, over + HOUR)
    assert rows(books) == before + 1

    with books.database.read() as session:
        carol = counted(session, MARCH, NOON + 9 * DAY)[id_of(session, "carol")]
    assert (carol.start, carol.end, sum(carol.by_hour), carol.by_hour[13]) == (NOON, NOON + DAY, 1, 1)


def test_a_window_between_two_noons_is_counted_by_itself(books: Books) -> None:
    books.page("carol", NOON + HOUR, NOON + 3 * HOUR)
    count(books, NOON + 9 * DAY)

    assert taken(books, "carol", NOON + 2 * HOUR, NOON + 4 * HOUR) == Taken(1, 0, 0)
    assert taken(books, "carol", NOON + 4 * HOUR, NOON + 5 * HOUR) is None


def test_who_moves_to_another_zone_is_counted_anew_and_right_even_before_that(books: Books) -> None:
    books.page("carol", NOON + 8 * HOUR)  # 20:00 in UTC, 01:45 in Kathmandu
    count(books, NOON + 9 * DAY)
    assert taken(books, "carol", MARCH, NOON + 5 * DAY) == Taken(1, 0, 0)

    with books.open() as session:
        session.get_one(User, id_of(session, "carol")).timezone = "Asia/Kathmandu"
    assert taken(books, "carol", MARCH, NOON + 5 * DAY) == Taken(1, 1, 1)
    count(books, NOON + 9 * DAY)

    assert taken(books, "carol", MARCH, NOON + 5 * DAY) == Taken(1, 1, 1)
    with books.database.read() as session:
        assert set(session.exec(select(PagesSoFar.timezone).where(PagesSoFar.user_id == id_of(session, "carol")))) == {
            "Asia/Kathmandu"
        }


def test_what_was_counted_while_the_clock_was_ahead_is_counted_again(books: Books) -> None:
    count(books, NOON + 9 * DAY)
    count(books, NOON + 3 * DAY)  # it was wrong
    books.page("carol", NOON + 3 * DAY)
    count(books, NOON + 9 * DAY)

    assert taken(books, "carol", MARCH, NOON + 9 * DAY) == Taken(1, 0, 0)


def test_it_is_the_same_after_alerts_are_deleted(books: Books) -> None:
    books.page("carol", NOON + HOUR)
    with books.open() as session:
        page = session.exec(select(Page)).one()
        session.add(PastPage(id=page.id or 0, user_id=page.user_id, created_at=page.created_at))
        session.delete(page)
    assert taken(books, "carol", MARCH, NOON + 9 * DAY) == Taken(1, 0, 0)

    count(books, NOON + 9 * DAY)

    assert taken(books, "carol", MARCH, NOON + 9 * DAY) == Taken(1, 0, 0)


def test_years_are_counted_stretch_by_stretch_and_it_stops_when_the_process_does(books: Books) -> None:
    books.page("carol", NOON - 300 * DAY, NOON - HOUR)
    asked: list[float] = []

    def rest(seconds: float) -> bool:
        asked.append(seconds)
        return len(asked) == 4

    count_days(books.database, lambda: NOON + 9 * DAY, rest)  # alice, bob, and two stretches of carol
    assert len(asked) == 4
    count_days(books.database, lambda: NOON + 9 * DAY, lambda _seconds: False)

    with books.database.read() as session:
        window, carol = (NOON - 400 * DAY, NOON + 9 * DAY), id_of(session, "carol")
        of_carol = counted(session, *window)[carol]
        assert taken_hourly(session, *window)[carol] == list(of_carol.by_hour)
    assert (sum(of_carol.by_hour), of_carol.start, of_carol.end) == (2, NOON - 300 * DAY, NOON + 8 * DAY)
