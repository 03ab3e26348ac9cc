"""GitHub's webhooks for Actions
(https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run): a run that failed is an alert, until one of
the same workflow on the same branch succeeds."""

import hashlib
import hmac
import json
from fnmatch import fnmatchcase
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, object_of, read_fields, text_of
from oncall.ingest.reading import BadEvent, BadSignature, Inbound, dedup_key, read_object, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool

_ACTIONS = {
    "success": EventAction.RESOLVE,
    "failure": EventAction.TRIGGER,
    "timed_out": EventAction.TRIGGER,
    "startup_failure": EventAction.TRIGGER,
}
"""By conclusion. Others (cancelled, skipped, neutral, stale, action_required) say nothing about the branch."""


def parse(inbound: Inbound) -> list[Event]:
    _check_signature(inbound)
    fields = _read(inbound.body)
    kind = inbound.headers.get("x-github-event", "workflow_run")
    if kind != "workflow_run":
        return []
    run, repository = object_of(fields, "workflow_run"), object_of(fields, "repository")
    name, workflow = text_of(repository, "full_name"), text_of(run, "workflow_id", "name")
    problems = blank(
        ("action", text_of(fields, "action")),
        ("repository.full_name", name),
        ("workflow_run.workflow_id", workflow),
        ("workflow_run.head_branch", text_of(run, "head_branch")),
    )
    if problems:
        raise BadEvent(problems)
    action = _ACTIONS.get(text_of(run, "conclusion"))
    if text_of(fields, "action") != "completed" or action is None or not _is_watched(run, repository, inbound):
        return []
    return [_event(action, run, name, workflow)]


def _check_signature(inbound: Inbound) -> None:
    """Raises BadSignature."""
    secret = inbound.options.get("secret", "")
    if not secret:
        return
    expected = "sha256=" + hmac.new(secret.encode(), inbound.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(inbound.headers.get("x-hub-signature-256", "").encode(), expected.encode()):
        raise BadSignature("X-Hub-Signature-256 is missing or does not fit the key's secret. Nothing was stored.")


def _read(body: bytes) -> dict[str, Any]:
    """A webhook may be set to send a form, which has the JSON in a field."""
    fields = read_fields(body)
    payload = fields.get("payload")
    return read_object(payload.encode()) if isinstance(payload, str) else fields


def _is_watched(run: dict[str, Any], repository: dict[str, Any], inbound: Inbound) -> bool:
    """Whether the branch is one that somebody is paged for: a branch of that name in a fork is another one."""
    fork = text_of(object_of(run, "head_repository"), "full_name")
    if fork and fork != text_of(repository, "full_name"):
        return False
    branch, default = text_of(run, "head_branch"), text_of(repository, "default_branch")
    if patterns := inbound.options.get("branches"):
        return any(fnmatchcase(branch, pattern.strip()) for pattern in patterns.split(","))
    return default in ("", branch)


def _event(action: EventAction, run: dict[str, Any], repository: str, workflow: str) -> Event:
    branch, name = text_of(run, "head_branch"), text_of(run, "name") or f"Workflow {workflow}"
    what = f"{name} {text_of(run, 'conclusion').replace('_', ' ')} on {branch} of {repository}"
    title = text_of(run, "display_title")
    return Event(
        action,
        dedup_key(f"{repository}/{workflow}/{branch}"),
        summary=shorten(f"{what}: {title}" if title else what, SUMMARY_MAX),
        source=repository[:300],
        details=_details(run),
        links=web_links((run.get("html_url"), f"Run #{text_of(run, 'run_number')}")),
    )


def _details(run: dict[str, Any]) -> dict[str, Any]:
    """What a run says of itself; the addresses of GitHub's API, and the repository told again, are left out."""
    shown = {field: value for field, value in run.items() if not isinstance(value, dict) and not field.endswith("url")}
    commit, actor = object_of(run, "head_commit"), object_of(run, "triggering_actor") or object_of(run, "actor")
    return {**shown, "commit": text_of(commit, "message"), "by": text_of(actor, "login")}


def _sample(conclusion: str) -> Sample:
    repository = {"full_name": "example/shop", "default_branch": "main"}
    run = {
        "id": 30433642,
        "workflow_id": 159038,
        "name": "Deploy",
        "display_title": "Cart: keep items for a week",
        "head_branch": "main",
        "head_sha": "acb5820ced9479c074f688cc328bf03f341a511d",
        "run_number": 562,
        "run_attempt": 1,
        "event": "push",
        "status": "completed",
        "conclusion": conclusion,
        "html_url": "https://github.com/example/shop/actions/runs/30433642",
        "head_repository": {"full_name": "example/shop"},
        "head_commit": {"message": "Cart: keep items for a week"},
        "triggering_actor": {"login": "bob"},
    }
    message = {"action": "completed", "workflow_run": run, "repository": repository}
    return Sample(json.dumps(message).encode(), {"x-github-event": "workflow_run"})


TOOL = Tool(
    "GitHub Actions",
    parse,
    trigger=_sample("failure"),
    resolve=_sample("success"),
    recipe=(
        Step("In the repository or the organisation, Settings > Webhooks > Add webhook, set the Payload URL to", URL),
        Step("Set Content type to application/json, and Secret to the secret of this key, if you set one"),
        Step("Choose “Let me select individual events”, untick Pushes and tick Workflow runs"),
    ),
    options={
        "branches": "branches whose failed runs page, with commas and * as in “main, release/*”; "
        "only the default branch unless set",
        "secret": "the webhook's secret: what is not signed with it is refused",
    },
    secrets=frozenset({"secret"}),
)
