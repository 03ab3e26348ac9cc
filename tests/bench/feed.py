"""Benchmark of a calendar feed: of 150 people, made, and asked for over HTTP. Alone: `python -m tests.bench.feed`."""

import http.client
import tempfile
from pathlib import Path

from sqlmodel import select

from oncall.auth.signing import Signer
from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database
from oncall.models import CalendarFeed, Schedule, User
from oncall.rota import feeds
from oncall.rota.publishing import publish
from oncall.schema import migrate
from oncall.settings import Settings
from schedules import ical_feed
from tests.bench.rota import company, median_ms
from tests.conftest import make_settings
from tests.processes import serving

PEOPLE, PORT, REPEATS = 150, 18803, 31


def anew(database: Database, feed_id: int) -> tuple[float, float, int]:
    """Milliseconds with nothing kept, and with every event kept; and how many events."""
    now = system_clock()
    with database.read() as session:
        feed = session.get_one(CalendarFeed, feed_id)

        def cold() -> bytes:
            ical_feed._event.cache_clear()
            return feeds.content(session, feed, now, "")

        return (
            median_ms(cold, REPEATS),
            median_ms(lambda: feeds.content(session, feed, now, ""), REPEATS),
            cold().count(b"BEGIN:VEVENT"),
        )


def over_http(path: str, **headers: str) -> tuple[float, int]:
    """Milliseconds of a GET on an open connection, and the status."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}

    def get() -> http.client.HTTPResponse:
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        answer.read()
        return answer

    status = get().status
    took = median_ms(get, REPEATS)
    connection.close()
    return took, status


def tag_of(path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    connection.request("GET", path, headers={"accept-encoding": "identity"})
    tag = connection.getresponse().headers["etag"]
    connection.close()
    return tag


def set_up(settings: Settings) -> tuple[Database, int, str]:
    """A published schedule and a link to it: the database, the feed's id, and its path."""
    migrate.upgrade(settings)
    database = Database(settings)
    with database.transaction() as session:
        apply(session, load(company(1, PEOPLE)), system_clock())
    publish(database, system_clock(), only_if_changed=False)
    with database.transaction() as session:
        owner, schedule = session.exec(select(User)).first(), session.exec(select(Schedule)).one()
        assert owner is not None
        feed = feeds.open_feed(session, owner, system_clock(), schedule)
        return database, feed.id or 0, f"/ical/{feeds.token_of(Signer.of(session, settings), feed)}.ics"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = make_settings(f"sqlite:///{folder}/feed.db", port=PORT, log_level="ERROR")
        database, feed_id, path = set_up(settings)
        cold, kept, count = anew(database, feed_id)
        database.close()
        print(
            f"a feed of 210 days ({count} shifts, {PEOPLE} people): {cold:.1f} ms anew; {kept:.1f} ms with events kept"
        )
        with serving(settings, Path(folder)):
            for what, headers in (
                ("plain", {"accept_encoding": "identity"}),
                ("gzip", {"accept_encoding": "gzip"}),
                ("unchanged", {"accept_encoding": "identity", "if_none_match": tag_of(path)}),
            ):
                took, status = over_http(path, **headers)
                print(f"  over HTTP, {what}: {took:.1f} ms ({status})")


if __name__ == "__main__":
    main()
