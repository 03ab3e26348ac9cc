"""Services deleted by API, and gone from its lists."""

from tests.web.api.conftest import Caller, sentence


def test_a_service_is_deleted_once_that_is_confirmed(alice: Caller) -> None:
    number = alice.send_alert()["id"]
    assert "it has 1 open alert" in sentence(alice.delete("/services/web"), 409)
    alice.post(f"/alerts/{number}/resolve")
    asked = alice.delete("/services/web")
    assert asked.status_code == 409
    assert asked.json()["errors"] == [
        "Nothing waits any more for its heartbeats, which would be deleted: nightly-backup."
    ]
    assert alice.delete("/services/web?confirm=true").status_code == 204
    assert alice.items("/services") == alice.items("/heartbeats") == []
    for refused in (
        alice.get("/services/web"),
        alice.delete("/services/web"),
        alice.post("/alerts", {"service": "web", "summary": "Disk full"}),
    ):
        assert "was deleted on 2026-01-06" in sentence(refused, 404)
    assert [each["service"] for each in alice.items("/alerts", service="web", status="all")] == ["web"]
    assert alice.get(f"/alerts/{number}").json()["status"] == "resolved"


def test_a_config_brings_it_back(alice: Caller) -> None:
    alice.delete("/services/web?confirm=true")
    again = {"services": [{"name": "web", "team": "dev", "escalation_policy": "dev"}]}
    for way in ("plan", "apply"):
        told = alice.post(f"/config/{way}", again).json()["changes"]
        assert [(each["action"], each["kind"], each["name"]) for each in told] == [("create", "service", "web")]
    assert [(each["name"], each["integration_keys"]) for each in alice.items("/services")] == [("web", [])]
