"""What the two databases do differently, once more on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from oncall.settings import Settings
from tests.web.api.conftest import COMPANY, Caller, sentence


@pytest.fixture
def settings(postgres_settings: Settings) -> Settings:
    return postgres_settings


def test_alerts_are_sent_found_acted_on_and_told(alice: Caller, bob: Caller) -> None:
    body = {"service": "web", "summary": "Disk full", "dedup_key": "disk", "details": {"used": "98 %"}}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: bob.post("/alerts", body), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]

    (alert,) = bob.items("/alerts", q="DISK", service="web", status="triggered")
    path = f"/alerts/{alert['id']}"
    bob.post(f"{path}/escalate")
    bob.post(f"{path}/snooze", {"seconds": 60})

    assert bob.items("/alerts", mine=True, limit=1)[0]["snoozed_until"] == "2026-01-06T12:01:00Z"
    assert [entry["kind"] for entry in bob.items(f"{path}/timeline")] == ["triggered", "escalated", "paged", "snoozed"]
    assert [delivery["state"] for delivery in alice.items(f"{path}/deliveries")] == ["cancelled"]


def test_who_is_on_call_follows_overrides(bob: Caller) -> None:
    window = {"start": "2026-01-07T12:00:00+02:00", "end": "2026-01-07T18:00:00+02:00"}
    made = bob.post("/overrides", {"schedule": "dev", "level": "L1", "user": "bob"} | window).json()

    assert made["start"] == "2026-01-07T10:00:00Z"
    assert bob.items("/on-call", at="2026-01-07T15:59:59Z")[0]["user"]["handle"] == "bob"
    assert bob.items("/on-call", at="2026-01-07T16:00:00Z")[0]["user"]["handle"] == "carol"
    assert bob.delete(f"/overrides/{made['id']}").status_code == 204
    assert bob.items("/on-call", at="2026-01-07T12:00:00Z")[0]["user"]["handle"] == "carol"


def test_people_and_what_they_set_up_are_kept(alice: Caller) -> None:
    assert alice.post("/users", {"handle": "dave", "name": "Dave"}).status_code == 201
    assert alice.delete("/users/dave").status_code == 204
    alice.post("/users/me/contact-methods", {"name": "mobile", "kind": "sms", "address": "+12025550101"})
    rules = {"items": [{"urgency": "low", "after_seconds": 0, "contact_method": "mobile"}]}

    assert alice.put("/users/me/notification-rules", rules).json()["items"] == rules["items"]
    assert alice.post("/calendar-feeds", {}).status_code == 201
    assert alice.post("/services/web/integration-keys", {"name": "more", "tool": "generic"}).status_code == 201
    assert alice.post("/config/apply", COMPANY.replace("repeat: 1", "repeat: 2")).status_code == 200


@pytest.mark.parametrize("path", ["/schedules/a%00b", "/alerts?q=a%00b", "/alerts/99999999999999999999"])
def test_what_postgresql_can_t_be_asked_is_our_sentence(bob: Caller, path: str) -> None:
    assert bob.get(path).status_code in (400, 422)
    assert sentence(bob.get(path), bob.get(path).status_code)
