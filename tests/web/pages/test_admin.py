"""Pages for admins: what sends, who changed what, the settings in force, the config as a file."""

import pytest
from fastapi.testclient import TestClient

from oncall.auth import sessions
from oncall.config.export import export
from oncall.config.load import load
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import AuditEntry, ProviderHealth
from oncall.runtime import Runtime, build_runtime
from tests.application import application
from tests.conftest import make_settings
from tests.delivery.test_lately import REFUSED, message
from tests.web.pages.browser import Browser, person
from tests.web.pages.conftest import NOW, Clock
from web.edge import COOKIE
from web.pages.admin import in_force


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
    assert "integration key scripts of web: made" in page
    assert "Bob Baker, on the web" in page
    found = bob.open("/admin/audit?q=vera")
    assert "person vera" in found
    assert "integration key" not in found


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

    with TestClient(application(for_real), cookies=cookies) as client:
        page = client.get("/admin").text

    assert "3 in a row since" in page
    assert "503 from the provider" in page
    assert "nothing was sent by it yet" in page
    assert "ONCALL_SMTP_URL" in page
    assert "the last one failed" in page
    assert REFUSED in page
    assert "1 waiting" in page
