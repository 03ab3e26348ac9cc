"""Home and the list of alerts."""

import re
from html import unescape

import pytest
from sqlmodel import select

from oncall.alerts.actions import Actor, acknowledge, resolve
from oncall.models import ContactMethod, EngineProcess, Rotation, Schedule
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser, fire, person
from tests.web.pages.conftest import Clock
from web.pages.alerts.alerts import PER_PAGE


def test_home_says_who_is_on_call_until_when_and_that_it_is_you(alice: Browser) -> None:
    page = alice.open("/")

    assert "Bob Baker" in page
    assert "You are on call:" in page
    assert "Fri 18:00" in page  # midnight in Berlin
    assert "Nothing is open." in page


def test_a_label_of_an_alert_leads_to_the_others_that_have_it(bob: Browser, runtime: Runtime) -> None:
    number = fire(runtime, "Disk full on db1", labels={"cluster": "east"})
    fire(runtime, "Disk full on db2", labels={"cluster": "west"})

    assert "/alerts?status=all&amp;label=cluster%3Deast" in bob.open(f"/alerts/{number}")
    page = bob.open("/alerts?status=all&label=cluster%3Deast")
    assert "Disk full on db1" in page
    assert "Disk full on db2" not in page


def test_home_says_in_words_that_nobody_is_on_call(alice: Browser, clock: Clock) -> None:
    assert "Nobody on call" not in alice.open("/")

    clock.forward(days=5)
    assert alice.open("/").count("Nobody on call") == 2


def test_home_is_calm_where_nobody_is_meant_to_be_on_call(alice: Browser, runtime: Runtime, clock: Clock) -> None:
    with runtime.database.transaction() as session:
        for schedule in session.exec(select(Schedule)):
            schedule.covers = "Mon 09:00-17:00"
    clock.forward(days=5)

    page = alice.open("/")

    assert page.count("Nobody, as planned") == 2
    assert "Nobody on call" not in page


@pytest.mark.parametrize("path", ["/", "/schedules/dev", "/schedules/dev/publishing"])
def test_without_an_engine_it_is_said_that_nobody_is_paged_and_nothing_published(
    alice: Browser, runtime: Runtime, clock: Clock, path: str
) -> None:
    said = "so nobody is paged and no shifts are published: start “oncall serve” or “oncall engine”"
    assert said in alice.open(path)

    engine = {"id": "one", "host": "here", "pid": 1, "version": "1"}
    with runtime.database.transaction() as session:
        session.add(EngineProcess(**engine, started_at=clock(), last_pass_at=clock()))
    assert said not in alice.open(path)


def test_home_warns_of_a_gap_in_the_next_days(bob: Browser) -> None:
    assert "gap from" in bob.open("/")


def test_home_leads_to_what_needs_attention(bob: Browser, runtime: Runtime) -> None:
    page = bob.open("/")
    assert 'href="/schedules/dev#attention"' in page
    assert 'dev</span> <span class="num">2 things to mend</span>' in page

    with runtime.database.transaction() as session:
        session.exec(select(Rotation)).one().until = None
    assert "Needs attention" not in bob.open("/")

    with runtime.database.transaction() as session:
        for method in session.exec(select(ContactMethod).where(ContactMethod.user_id == 1)):
            method.disabled_at = runtime.clock()
    assert 'dev</span> <span class="num">1 thing to mend</span>' in bob.open("/")


def test_open_alerts_stand_newest_first_with_who_has_them(alice: Browser, runtime: Runtime) -> None:
    first, second = fire(runtime, "Disk full"), fire(runtime, "Error rate")
    with runtime.database.transaction() as session:
        acknowledge(session, first, Actor(person(session, "bob"), "by text"), runtime.clock())

    page = alice.open("/")

    assert page.index(f"alert-{second}") < page.index(f"alert-{first}")
    assert "Bob has it" in page
    assert "2 open" in page


def test_a_poll_gets_only_the_live_part(alice: Browser) -> None:
    polled = alice.client.get("/", headers={"hx-request": "true"}).text

    assert "<html" not in polled
    assert 'id="live"' in polled


def test_the_list_is_filtered_by_its_address(alice: Browser, runtime: Runtime) -> None:
    fire(runtime, "Disk full", source="db-7")
    done = fire(runtime, "Error rate", service="search")
    with runtime.database.transaction() as session:
        resolve(session, done, Actor(person(session, "bob"), "by text"), runtime.clock())

    assert "Error rate" not in alice.open("/alerts")
    assert "Error rate" in alice.open("/alerts?status=resolved")
    assert "Disk full" not in alice.open("/alerts?status=all&service=search")
    assert "Disk full" in alice.open("/alerts?q=DB-7")
    assert "Disk full" in alice.open("/alerts?mine=1")
    acknowledged = alice.open("/alerts?status=acknowledged")
    assert "Nothing is acknowledged." in acknowledged
    assert 'href="/alerts?status=triggered">See what is triggered' in acknowledged


def test_while_nothing_is_resolved_the_list_of_that_leads_to_what_is_open(alice: Browser, runtime: Runtime) -> None:
    fire(runtime)

    page = alice.open("/alerts?status=resolved")

    assert "Nothing has been resolved yet." in page
    assert 'href="/alerts">See what is open' in page
    assert "No alerts yet" not in page


def test_what_a_list_is_narrowed_down_by_is_seen_and_each_is_taken_off_by_itself(alice: Browser) -> None:
    page = alice.open("/alerts?status=all&q=disk&team=dev&from=2026-03-01T10:00")
    links = re.findall(r'href="([^"]+)"><span class="wraps">([^<]+)', page)

    assert [(words.strip(), unescape(address)) for address, words in links] == [
        ("team dev", "/alerts?status=all&q=disk&from=2026-03-01T10%3A00"),
        ("“disk”", "/alerts?status=all&team=dev&from=2026-03-01T10%3A00"),
        ("from 2026-03-01 10:00", "/alerts?status=all&team=dev&q=disk"),
    ]


def test_a_list_that_is_empty_by_its_filter_offers_to_take_it_off(bob: Browser, runtime: Runtime) -> None:
    fire(runtime, "Disk full")

    page = bob.open("/alerts?mine=1&q=zebra")

    assert "Take the filter off" in page
    assert 'href="/alerts"' in page


def test_a_long_list_has_pages(alice: Browser, runtime: Runtime) -> None:
    for number in range(PER_PAGE + 1):
        fire(runtime, f"Disk {number:03} full")

    first = alice.open("/alerts?q=disk")
    assert "Disk 000 full" not in first
    assert "/alerts?q=disk&amp;before=2" in first

    older = alice.open("/alerts?q=disk&before=2")
    assert "Disk 000 full" in older
    assert "Disk 001 full" not in older
