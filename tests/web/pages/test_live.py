"""Pages are told of changes as they happen, and by nobody when they need not be."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from oncall.alerts.actions import Actor, acknowledge
from oncall.auth import sessions
from oncall.models import LoginSession
from oncall.running.live import MOST_OF_ONE, Live
from oncall.running.runtime import Runtime
from tests.application import listening
from tests.processes import wait_for
from tests.web.pages.browser import fire, person
from web.app import create_app
from web.edge import COOKIE


class Stream:
    """What a browser's EventSource would see of one stream."""

    def __init__(self, response: HTTPResponse) -> None:
        self.status, self._response = response.status, response

    def next_id(self) -> str:
        """Of the next that is told."""
        while not (line := self._response.readline().decode()).startswith("id: "):
            assert line, "the stream has ended"
        return line.removeprefix("id: ").strip()

    def ends(self) -> bool:
        return b"id: " not in self._response.read()


Listen = Callable[..., AbstractContextManager[Stream]]


@pytest.fixture
def address(runtime: Runtime) -> Iterator[str]:
    runtime.live = Live(runtime.database, runtime.clock, runtime.wake, rests=0.0)
    runtime.start()
    with listening(create_app(runtime)) as address:
        yield address
        runtime.live.stop()
    runtime.stop()


@pytest.fixture
def token(runtime: Runtime) -> str:
    with runtime.database.transaction() as session:
        return sessions.begin(session, person(session, "alice"), runtime.clock(), hours=1)


@pytest.fixture
def listen(address: str, token: str) -> Listen:
    @contextmanager
    def stream(last: str = "", cookie: str = token) -> Iterator[Stream]:
        connection = HTTPConnection(urlsplit(address).netloc, timeout=10)
        connection.request("GET", "/live", headers={"cookie": f"{COOKIE}={cookie}", "last-event-id": last})
        yield Stream(connection.getresponse())
        connection.close()

    return stream


def test_whoever_listens_is_told_of_each_change_and_of_events_that_only_count_up(
    runtime: Runtime, listen: Listen
) -> None:
    with listen() as stream:
        ids = [stream.next_id()]  # the page may be older than the stream
        number = fire(runtime, "Disk full")
        ids.append(stream.next_id())
        assert fire(runtime, "Disk full") == number
        ids.append(stream.next_id())
        with runtime.database.transaction() as session:
            acknowledge(session, number, Actor(person(session, "bob"), "by text"), runtime.clock())
        ids.append(stream.next_id())

    assert len(set(ids)) == 4


def test_whoever_comes_back_is_told_only_of_what_came_meanwhile(runtime: Runtime, listen: Listen) -> None:
    with listen() as stream:
        seen = stream.next_id()
    with listen(last=seen) as stream:
        fire(runtime, "Disk full")
        news = stream.next_id()
        assert news != seen
    with listen(last=seen) as stream:
        assert stream.next_id() == news


def test_it_ends_with_the_login(runtime: Runtime, listen: Listen) -> None:
    with listen() as stream:
        stream.next_id()
        with runtime.database.transaction() as session:
            session.delete(session.exec(select(LoginSession)).one())
        assert stream.ends()


def test_it_ends_with_the_process_and_nobody_begins_anew(runtime: Runtime, listen: Listen) -> None:
    with listen() as stream:
        stream.next_id()
        runtime.live.stop()
        assert stream.ends()
    with listen() as late:
        assert late.status == 503


def test_a_stranger_is_told_nothing(listen: Listen) -> None:
    with listen(cookie="made up") as stream:
        assert stream.status == 401


def test_one_person_has_so_many_streams_and_one_that_is_closed_makes_room(listen: Listen) -> None:
    def is_let_in() -> bool:
        with listen() as stream:
            return stream.status == 200

    with ExitStack() as others:
        for _ in range(MOST_OF_ONE - 1):
            others.enter_context(listen()).next_id()
        with listen() as last:
            last.next_id()
            with listen() as refused:
                assert refused.status == 429
        wait_for(is_let_in)
