"""GitHub's webhooks of Actions."""

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import github
from oncall.ingest.reading import BadEvent, BadSignature, Inbound

RUN = {
    "id": 289782451,
    "name": "CI",
    "head_branch": "main",
    "head_sha": "c4b4e0a2e9ea5e1b4e8d3d1a4b1b1b1b1b1b1b1b",
    "run_number": 17,
    "event": "push",
    "display_title": "Update README.md",
    "status": "completed",
    "conclusion": "failure",
    "workflow_id": 159038,
    "url": "https://api.github.com/repos/example/shop/actions/runs/289782451",
    "html_url": "https://github.com/example/shop/actions/runs/289782451",
    "pull_requests": [],
    "run_attempt": 1,
    "actor": {"login": "alice"},
    "triggering_actor": {"login": "bob"},
    "head_commit": {"id": "c4b4e0a2", "message": "Update README.md"},
    "repository": {"full_name": "example/shop"},
    "head_repository": {"full_name": "example/shop"},
}
REPOSITORY = {"full_name": "example/shop", "default_branch": "main"}


def body(action: str = "completed", **changes: Any) -> bytes:
    return json.dumps({"action": action, "workflow_run": RUN | changes, "repository": REPOSITORY}).encode()


def parse(action: str = "completed", options: dict[str, str] | None = None, **changes: Any) -> list[Any]:
    return github.parse(Inbound(body(action, **changes), options or {}, {"x-github-event": "workflow_run"}))


def test_a_run_that_failed_triggers() -> None:
    (event,) = parse()
    assert (event.action, event.dedup_key) == (EventAction.TRIGGER, "example/shop/159038/main")
    assert event.summary == "CI failure on main of example/shop: Update README.md"
    assert event.links == [{"href": RUN["html_url"], "text": "Run #17"}]
    assert (event.details["by"], event.details["commit"]) == ("bob", "Update README.md")
    assert "url" not in event.details


def test_the_next_run_that_succeeds_resolves_it() -> None:
    (event,) = parse(id=289782452, run_number=18, conclusion="success")
    assert (event.action, event.dedup_key) == (EventAction.RESOLVE, "example/shop/159038/main")


@pytest.mark.parametrize("conclusion", ["timed_out", "startup_failure"])
def test_there_are_several_ways_to_fail(conclusion: str) -> None:
    assert parse(conclusion=conclusion)[0].action is EventAction.TRIGGER


@pytest.mark.parametrize("conclusion", ["cancelled", "skipped", "neutral", "stale", "action_required", None])
def test_what_says_nothing_about_the_branch_is_no_problem(conclusion: str | None) -> None:
    assert parse(conclusion=conclusion) == []


@pytest.mark.parametrize("action", ["requested", "in_progress"])
def test_only_completed_runs_count(action: str) -> None:
    assert parse(action, conclusion=None, status="queued") == []


def test_only_the_default_branch_pages_unless_the_key_says_otherwise() -> None:
    assert parse(head_branch="fix-typo") == []
    assert parse(head_branch="fix-typo", options={"branches": "main, release/*"}) == []
    assert parse(head_branch="release/2026-01", options={"branches": "main, release/*"})
    assert parse(head_branch="fix-typo", options={"branches": "*"})


def test_the_default_branch_is_a_name_and_no_pattern() -> None:
    """Whoever sends it chooses it, and half a million brackets took minutes as a pattern."""
    sent = {"action": "completed", "workflow_run": RUN, "repository": REPOSITORY | {"default_branch": "m*"}}
    assert github.parse(Inbound(json.dumps(sent).encode(), {}, {"x-github-event": "workflow_run"})) == []


def test_the_main_branch_of_a_fork_is_not_ours() -> None:
    assert parse(event="pull_request", head_repository={"full_name": "mallory/shop"}) == []


@pytest.mark.parametrize("event", ["ping", "push", "check_run"])
def test_a_ping_and_what_else_a_webhook_sends_is_no_problem(event: str) -> None:
    assert github.parse(Inbound(b'{"zen": "Speak like a human.", "hook_id": 1}', {}, {"x-github-event": event})) == []


def test_a_webhook_that_sends_forms_is_read() -> None:
    form = urlencode({"payload": body().decode()}).encode()
    (event,) = github.parse(Inbound(form, {}, {"x-github-event": "workflow_run"}))
    assert event.dedup_key == "example/shop/159038/main"


def test_with_a_secret_only_what_is_signed_is_believed() -> None:
    secret, sent = "It's a Secret to Everybody", body()
    signature = "sha256=" + hmac.new(secret.encode(), sent, hashlib.sha256).hexdigest()
    assert github.parse(Inbound(sent, {"secret": secret}, {"x-hub-signature-256": signature}))
    for headers in ({}, {"x-hub-signature-256": signature[:-1] + "x"}, {"x-hub-signature-256": "é"}):
        with pytest.raises(BadSignature):
            github.parse(Inbound(sent, {"secret": secret}, headers))
    with pytest.raises(BadSignature):
        github.parse(Inbound(sent + b" ", {"secret": secret}, {"x-hub-signature-256": signature}))


def test_the_signature_of_the_documentation_is_right() -> None:
    """The values that GitHub gives for testing one's own code."""
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    inbound = Inbound(b"Hello, World!", {"secret": "It's a Secret to Everybody"}, {"x-hub-signature-256": signature})
    with pytest.raises(BadEvent, match="must be JSON"):
        github.parse(inbound)


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        github.parse(Inbound(b'{"workflow_run": {"head_branch": null}}'))
    assert refused.value.problems == [
        "'action' is missing or blank",
        "'repository.full_name' is missing or blank",
        "'workflow_run.workflow_id' is missing or blank",
        "'workflow_run.head_branch' is missing or blank",
    ]
