"""Pages for admins: what sends, who changed what, the settings in force, the config as a file."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from oncall.auth import sessions
from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import AuditEntry, Canary, CanaryAccount, Delivery, ProviderHealth
from oncall.process import leases
from oncall.running.runtime import Runtime, build_runtime
from oncall.setup.audit import Acting, act
from tests.client import TestClient
from tests.conftest import make_settings
from tests.delivery.test_lately import REFUSED, message
from tests.web.pages.browser import Browser, person, queries
from tests.web.pages.conftest import NOW, Clock
from web.app import create_app
from web.edge import COOKIE
from web.pages.admin.admin import in_force

SECOND = {"name": "second", "account_sid": "AC2", "auth_token": "x", "from": "+12025550200"}
CANARIES = {
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "x",
    "twilio_from": "+12025550100",
    "twilio_fallbacks": json.dumps([SECOND]),
    "canary_to": "sms:+12025550199,email:canary@example.com",
    "canary_every": 3600,
    "canary_service": "web",
}


@pytest.mark.parametrize("path", ["/admin", "/admin/audit", "/admin/settings", "/admin/config.yaml"])
def test_they_are_for_admins_only(alice: Browser, bob: Browser, path: str) -> None:
    bob.open(path)
    alice.open(path, status=403)
    assert f'href="{path}"' not in alice.open("/people")


def test_what_people_change_is_on_record(bob: Browser) -> None:
    assert "Nothing is on record yet" in bob.open("/admin/audit")
    bob.submit("/people/vera", "/people/vera/role", role="user")
    bob.submit("/services/web", "/services/web/keys", name="scripts", tool="generic")

    page = bob.open("/admin/audit")

    assert "person vera: role viewer → user" in page
    assert 'href="/admin/audit">See everything' in bob.open("/admin/audit?q=nothing+like+this")
    assert "integration key scripts of web: made, tool generic" in page
    assert "Bob Baker, on the web" in page
    found = bob.open("/admin/audit?q=vera")
    assert "person vera" in found
    assert "integration key" not in found


def test_times_on_record_are_on_the_clock_of_the_reader(bob: Browser, runtime: Runtime) -> None:
    override = "{level: L1, user: vera, start: 2026-03-09T10:00, end: 2026-03-09T12:00}"
    window = "{name: m1, service: web, start: 2026-03-08T10:00, end: 2026-03-08T12:00, timezone: Europe/Berlin}"
    with runtime.database.transaction() as session:
        act(session, Acting(None, "on the command line", NOW))
        config = f"schedules: [{{name: dev, overrides: [{override}]}}]\nmaintenance: [{window}]"
        apply(session, load(config, export(session)), NOW, confirm=True)

    page = bob.open("/admin/audit")

    assert "user vera, from 9 Mar 2026 05:00 EDT, until 9 Mar 2026 07:00 EDT" in page  # 10:00 in Berlin
    assert "start 8 Mar 2026 10:00, end 8 Mar 2026 12:00, time zone Europe/Berlin" in page


def test_a_long_record_has_pages(bob: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.add_all(AuditEntry(at=NOW, via="by API", what=f"service s{number}: made") for number in range(52))

    newest, older = bob.open("/admin/audit"), bob.open("/admin/audit?before=3")

    assert newest.count(": made") == 50
    assert "Older" in newest
    assert older.count("an operator, by API") == 2
    assert "Older" not in older


def test_settings_are_shown_and_secrets_are_not(bob: Browser) -> None:
    page = bob.open("/admin/settings")

    assert "ONCALL_PUBLIC_URL" in page
    assert "set, and kept secret" in page
    secret = make_settings("postgresql://oncall:hush@db/oncall", metrics_token="hush" * 5)
    assert "hush" not in "".join(setting.shown for setting in in_force(secret))


def test_the_config_is_a_file_that_applies(bob: Browser, runtime: Runtime) -> None:
    answer = bob.client.get("/admin/config.yaml")

    assert 'filename="oncall.yaml"' in answer.headers["content-disposition"]
    with runtime.database.read() as session:
        assert load(answer.text, export(session)).users


def test_each_way_says_whether_it_is_set_up_and_each_account_how_it_fares(runtime: Runtime, clock: Clock) -> None:
    twilio = {"twilio_account_sid": "AC1", "twilio_auth_token": "x", "twilio_from": "+12025550100"}
    for_real = build_runtime(make_settings(runtime.settings.database_url, **twilio), clock, with_engine=False)
    failing = {"failures": 3, "failing_since": NOW, "last_failure": "503 from the provider"}
    with runtime.database.transaction() as session:
        session.add(ProviderHealth(provider="twilio", kind="sms", **failing))
        session.add(message("email", DeliveryState.FAILED, 4, finished_at=NOW, error=REFUSED))
        session.add(message("webhook", DeliveryState.PENDING, 4, due_at=NOW))
        cookies = {COOKIE: sessions.begin(session, person(session, "bob"), NOW, hours=1)}

    with TestClient(create_app(for_real), cookies=cookies) as client:
        page = client.get("/admin").text

    assert "canary" not in page
    assert "3 in a row since" in page
    assert "503 from the provider" in page
    assert "nothing was sent by it yet" in page
    assert "ONCALL_SMTP_URL" in page
    assert "the last one failed" in page
    assert REFUSED in page
    assert "1 waiting" in page


def test_a_bot_that_is_not_on_irc_is_told(runtime: Runtime, clock: Clock) -> None:
    irc = {"irc_server": "irc.example.com:6697", "irc_nick": "oncall", "irc_channel": "#warroom"}
    with runtime.database.transaction() as session:
        cookies = {COOKIE: sessions.begin(session, person(session, "bob"), NOW, hours=1)}
    with_irc = build_runtime(make_settings(runtime.settings.database_url, **irc), clock, with_engine=False)
    with TestClient(create_app(with_irc), cookies=cookies) as client:
        assert "Nobody is paged on IRC." in client.get("/admin").text
        with runtime.database.transaction() as session:
            leases.take(session, "irc", "one", NOW, timedelta(seconds=10))
            leases.say_working(session, "irc", NOW)
        assert "Nobody is paged on IRC." not in client.get("/admin").text


def test_the_canary_of_each_account_says_how_the_last_one_went(runtime: Runtime, clock: Clock) -> None:
    with runtime.database.transaction() as session:
        cookies = {COOKIE: sessions.begin(session, person(session, "bob"), NOW, hours=1)}
    for_real = build_runtime(make_settings(runtime.settings.database_url, **CANARIES), clock, with_engine=False)
    with TestClient(create_app(for_real), cookies=cookies) as client:
        none = queries(for_real, lambda: client.get("/admin"))
        planned_at = NOW - timedelta(minutes=6)
        try_out(runtime, "sms", "twilio", planned_at, state=DeliveryState.DELIVERED, sent_at=NOW, finished_at=NOW)
        try_out(runtime, "sms", "second", planned_at, error="It hangs")
        try_out(runtime, "email", "email", NOW, error="greylisted")

        page = client.get("/admin").text
        assert queries(for_real, lambda: client.get("/admin")) == none

    paragraphs = [" ".join(re.sub("<[^>]+>", "", each).split()) for each in re.findall(r"<p .*?</p>", page, re.S)]
    told = [each for each in paragraphs if each.startswith("canary")]
    assert told == [
        "canary arrived accepted after 360.0 s, delivered after 360.0 s · to +12025550199, sent 6 min ago",
        "canary failing not taken by the provider for 5 min: It hangs · to +12025550199, sent 6 min ago",
        "canary on its way, tried again: greylisted · to canary@example.com, sent now",
    ]


def try_out(runtime: Runtime, kind: str, account: str, at: datetime, **came_of_it: Any) -> None:
    with runtime.database.transaction() as session:
        address = dict(each.split(":") for each in CANARIES["canary_to"].split(","))[kind]
        canary = session.exec(select(Canary).where(Canary.kind == kind)).first()
        canary = canary or Canary(kind=kind, address=address, due_at=at)
        session.add(canary)
        session.flush()
        session.add(CanaryAccount(canary_id=canary.id, account=account, due_at=at))
        own = {"canary_id": canary.id, "only_by": account, "provider": account, "created_at": at, "due_at": at}
        session.add(Delivery(kind=kind, address=address, **own, **came_of_it))
