"""A deploy, and the alert that follows it: whoever is paged reads of it, and nobody is paged by it."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import select

from oncall.models import Installation
from tests.scenarios.world import ALERTMANAGER_KEY, ALICE, BOB, KEY, World

DEPLOY = {"summary": "deploy web #4711", "by": "bob", "link": "https://ci.example.org/4711"}


def tell(world: World, key: str = ALERTMANAGER_KEY, **fields: Any) -> None:
    answer = world.client.post(f"/ingest/change/{key}", json=DEPLOY | fields)
    assert answer.status_code == 202, answer.text
    world.settle()


def revision(world: World) -> str:
    found: str = world.ask(lambda session: session.exec(select(Installation.revision)).one())
    return found


def test_a_page_says_what_was_deployed_before_and_so_does_the_timeline_once(world: World) -> None:
    tell(world)
    assert world.texts() == []
    world.advance(minutes=4)
    world.fire("Error rate 12 %")
    said = "deploy web #4711 by bob, 4 min before"
    answers = "Reply 1a to ack, 1e escalate, 1r resolve https://oncall.example.com/alerts/1"
    assert world.texts() == [(ALICE, f"CRITICAL web: Error rate 12 %. {said}. {answers}")]
    world.advance(minutes=2)
    assert len(world.calls()) == 1
    assert "4 minutes before: deploy web 4711 by bob." in world.deliveries()[1].body
    world.advance(minutes=3)
    assert [(number, said in text) for number, text in world.texts()] == [(BOB, True)]
    assert world.reply(BOB, "ack") == "#1 acknowledged: Error rate 12 %"
    told = [line for line in world.story() if "Changed before" in line]
    assert told == [f"+0 Changed before: {said}"]


def test_of_several_changes_a_text_says_the_newest_and_the_timeline_all(world: World) -> None:
    tell(world, summary="flag new-cart on", by="carol")
    world.advance(minutes=10)
    tell(world)
    world.fire("Error rate 12 %")
    ((_, text),) = world.texts()
    assert ". deploy web #4711 by bob, 0 s before. " in text
    assert (
        "+0 Changed before: deploy web #4711 by bob, 0 s before; flag new-cart on by carol, 10 min before"
        in world.story()
    )


def test_what_changed_long_before_or_after_is_not_said(world: World) -> None:
    tell(world)
    world.advance(minutes=31)
    world.fire("Error rate 12 %")
    world.advance(minutes=1)
    tell(world, summary="deploy web #4712")
    world.advance(minutes=4)
    assert [number for number, text in world.texts() if "deploy" not in text] == [ALICE, BOB]
    assert len(world.calls()) == 1
    assert not [line for line in world.story() if "deploy" in line]


def test_a_change_told_late_counts_from_when_it_was_and_none_is_still_to_come(world: World) -> None:
    began = world.clock()
    world.advance(minutes=10)
    tell(world, summary="deploy web #1", at=began.isoformat())
    tell(world, summary="deploy web #2", at="2027-01-01T00:00:00Z")
    world.fire("Error rate 12 %")
    world.texts()
    assert "+0 Changed before: deploy web #2 by bob, 0 s before; deploy web #1 by bob, 10 min before" in world.story()


def test_who_did_it_is_not_said_twice(world: World) -> None:
    tell(world, summary="Bob: deploy web")
    world.fire("Error rate 12 %")
    ((_, text),) = world.texts()
    assert ". Bob: deploy web, 0 s before. " in text


def test_where_nothing_changed_pages_ask_for_nothing_more(world: World) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(world.database.engine, "before_cursor_execute", note)
    world.fire("Error rate 12 %")
    assert len(world.texts()) == 1
    assert [statement for statement in asked if "services" in statement]
    assert not [statement for statement in asked if "change_events" in statement]


def test_a_change_does_not_make_processes_read_what_they_know_anew(world: World) -> None:
    world.fire("Error rate 12 %")
    world.texts()
    before = revision(world)
    tell(world, KEY)
    assert revision(world) == before
