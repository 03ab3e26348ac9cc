"""Services and their keys: what to paste, shown only when asked for; what came; a test event."""

import pytest

from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.models import IntegrationKey
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser, fire
from tests.web.pages.conftest import NOW

KEY = "generic-key-of-scripts"
PAGE = "/services/web/keys/scripts"


@pytest.fixture(autouse=True)
def keys(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.add(IntegrationKey(service_id=1, name="scripts", tool="generic", key=KEY, created_at=NOW))
        session.add(IntegrationKey(service_id=1, name="metrics", tool="alertmanager", key="am-key", created_at=NOW))


def with_services(runtime: Runtime, count: int) -> None:
    """Each with a policy of its own."""
    names, step = [f"many{number:02}" for number in range(count)], {"page": ["user:bob"], "wait": "5m"}
    policies = [{"name": name, "steps": [step]} for name in names]
    services = [{"name": name, "escalation_policy": name} for name in names]
    with runtime.database.transaction() as session:
        apply(session, Config.model_validate({"escalation_policies": policies, "services": services}), NOW)


def test_everybody_sees_the_services_and_only_some_their_keys(alice: Browser, bob: Browser) -> None:
    assert "/services/web" in alice.open("/services")
    assert "ask one of them" in alice.open("/services/web")
    assert "scripts" not in alice.open("/services/web")
    assert PAGE in bob.open("/services/web")
    alice.open(PAGE, status=403)


def test_what_has_open_alerts_comes_first_and_of_many_one_is_searched(alice: Browser, runtime: Runtime) -> None:
    assert 'type="search"' not in alice.open("/services")
    with_services(runtime, 12)
    fire(runtime, service="search")

    page = alice.open("/services")
    assert page.index('href="/services/search"') < page.index('href="/services/many00"')
    found = alice.open("/services?q=MANY07")
    assert ('href="/services/many07"' in found, 'href="/services/web"' in found) == (True, False)
    assert "No service is called like that." in alice.open("/services?q=nothing")


def test_of_many_policies_the_steps_are_folded_away(alice: Browser, runtime: Runtime) -> None:
    assert "<summary><b>dev</b>" not in alice.open("/policies")
    with_services(runtime, 9)

    page = alice.open("/policies")
    assert "<summary><b>dev</b>" in page
    assert "whoever is L1 on dev" in page


def test_the_key_is_shown_when_it_is_asked_for(bob: Browser) -> None:
    hidden = bob.open(PAGE)
    assert KEY not in hidden
    assert "Show the key" in hidden
    assert "Disk full on db1" in hidden  # the recipe is there all the same

    assert f"http://testserver/ingest/generic/{KEY}" in bob.open(f"{PAGE}?shown=1")


def test_a_key_of_mails_shows_its_mail_address(runtime: Runtime, bob: Browser) -> None:
    runtime.settings = runtime.settings.model_copy(update={"email_domain": "alerts.example.com"})
    bob.submit("/services/web", "/services/web/keys", name="mails", tool="email", key="key-of-mails")
    assert "key-of-mails@alerts.example.com" in bob.open("/services/web/keys/mails?shown=1")
    assert "/ingest/email/" not in bob.open("/services/web/keys/mails")


def test_a_new_key_leads_to_its_page(bob: Browser) -> None:
    page = bob.submit("/services/web", "/services/web/keys", name="more", tool="pagerduty")

    assert "“more” is made" in page
    assert "Connect PagerDuty Events v2" in page
    assert "choose another name" in bob.submit("/services/web", "/services/web/keys", name="more", tool="pagerduty")


def test_a_key_that_the_tool_has_already_is_kept(bob: Browser) -> None:
    wrong = bob.submit("/services/web", "/services/web/keys", name="more", tool="opsgenie", key="not a key")
    assert "a key is part of a URL" in wrong

    bob.submit("/services/web", "/services/web/keys", name="more", tool="opsgenie", key="eb243592-faa2")
    assert "eb243592-faa2" in bob.open("/services/web/keys/more?shown=1")


def test_what_came_is_shown_with_why_it_was_refused(bob: Browser, stranger: TestClient) -> None:
    assert "Nothing has come yet" in bob.open(PAGE)

    stranger.post(f"/ingest/generic/{KEY}", json={"summary": "Disk full", "dedup_key": "db1-disk"})
    stranger.post(f"/ingest/generic/{KEY}", json={"token": "abc"})

    page = bob.open(PAGE)
    assert "db1-disk" in page
    assert 'href="/alerts/1"' in page
    assert "summary&#39; is missing" in page
    assert "refused" in bob.open("/services/web")


def test_a_test_event_says_what_it_did_and_is_among_what_came(bob: Browser) -> None:
    page = bob.submit(PAGE, f"{PAGE}/test", pages="")

    assert "opened alert #1 and resolved it again" in page
    assert page.count('class="chip accent">test') == 2
    assert "TEST: Disk full on db1" in bob.open("/alerts/1")


def test_a_test_event_may_page(bob: Browser) -> None:
    assert "whoever is on call is paged" in bob.submit(PAGE, f"{PAGE}/test", pages="yes")


def test_a_revoked_key_is_gone(bob: Browser, stranger: TestClient) -> None:
    assert "“scripts” is revoked" in bob.submit(PAGE, f"{PAGE}/revoke")

    bob.open(PAGE, status=404)
    assert stranger.post(f"/ingest/generic/{KEY}", json={"summary": "x"}).status_code == 404


def test_what_comes_while_somebody_looks_appears_by_itself(bob: Browser, stranger: TestClient) -> None:
    assert f'hx-get="{PAGE}"' in bob.open(PAGE)

    stranger.post(f"/ingest/generic/{KEY}", json={"summary": "Disk full", "dedup_key": "db1-disk"})
    part = bob.client.get(PAGE, headers={"HX-Request": "true"}).text

    assert part.lstrip().startswith('<div id="live"')
    assert "db1-disk" in part
