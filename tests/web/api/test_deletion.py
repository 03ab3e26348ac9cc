"""Deleting by API what nobody needs any more."""

from tests.web.api.conftest import Caller, sentence

SPARE = """
teams: [{name: spare}]
schedules: [{name: spare, timezone: UTC, levels: [L1]}]
escalation_policies: [{name: spare, steps: [{page: user:bob, wait: 5m}]}]
"""


def test_what_nobody_needs_is_deleted(alice: Caller) -> None:
    alice.post("/config/apply", SPARE)
    assert "also its past" in sentence(alice.delete("/schedules/spare"), 409)
    for path in ("/schedules/spare?confirm=true", "/escalation-policies/spare", "/teams/spare"):
        assert alice.delete(path).status_code == 204, path
        assert "There is no" in sentence(alice.delete(path), 404)


def test_what_something_needs_is_kept(alice: Caller) -> None:
    for path in ("/schedules/dev?confirm=true", "/escalation-policies/dev", "/teams/dev?confirm=true"):
        assert "dev is needed by the " in sentence(alice.delete(path), 409)
