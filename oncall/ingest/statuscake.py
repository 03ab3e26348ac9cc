"""StatusCake's webhook (https://www.statuscake.com/kb/knowledge-base/how-to-use-the-web-hook-url/): a form, or JSON."""

import hashlib
import hmac
import json
from typing import Any

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest.fields import blank, read_fields, text_of
from oncall.ingest.reading import BadEvent, BadSignature, Inbound, dedup_key, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool
from oncall.models.alert import Severity

_ACTIONS = {"down": EventAction.TRIGGER, "up": EventAction.RESOLVE}


def parse(inbound: Inbound) -> list[Event]:
    fields = read_fields(inbound.body)
    _check_token(text_of(fields, "Token"), inbound.options.get("secret", ""))
    name, url = text_of(fields, "Name"), text_of(fields, "URL")
    test = text_of(fields, "TestID", "ID") or f"{name} {url}".strip()
    action = _ACTIONS.get(text_of(fields, "Status").lower())
    problems = blank(("Name", test))
    if action is None:
        problems.append("'Status' must be Up or Down")
    if action is None or problems:
        raise BadEvent(problems)
    return [
        Event(
            action,
            dedup_key(test),
            summary=_summary(fields, name or url or f"Test {test}", action),
            severity=Severity.CRITICAL,
            source=(url or text_of(fields, "IP"))[:300],
            details={field: value for field, value in fields.items() if field != "Token"},
            links=web_links((url, "The address that was tested")),
        )
    ]


def _check_token(token: str, secret: str) -> None:
    """Raises BadSignature. StatusCake sends the MD5 of the account's name and its API key."""
    if not secret:
        return
    expected = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(token.encode(), expected.encode()):
        raise BadSignature("'Token' is not that of the account in the key's option secret. Nothing was stored.")


def _summary(fields: dict[str, Any], name: str, action: EventAction) -> str:
    if action is EventAction.RESOLVE:
        return shorten(f"{name} is up", SUMMARY_MAX)
    code = text_of(fields, "StatusCode")
    return shorten(f"{name} is down (status {code})" if code not in ("", "0") else f"{name} is down", SUMMARY_MAX)


def _sample(status: str, code: int) -> Sample:
    message = {
        "Name": "Shop front",
        "URL": "https://shop.example.com",
        "Status": status,
        "StatusCode": code,
        "IP": "203.0.113.7",
        "Tags": "shop,production",
        "CheckRate": 60,
        "ContactGroup": "12345",
    }
    return Sample(json.dumps(message).encode())


TOOL = Tool(
    "StatusCake",
    parse,
    trigger=_sample("Down", 503),
    resolve=_sample("Up", 200),
    recipe=(
        Step(
            "In StatusCake, Alerting > Contact Groups > New Contact Group, with the method POST and the Webhook URL",
            URL,
        ),
        Step("In each of your tests, add the contact group under “Who to alert”"),
    ),
    options={"secret": "your StatusCake user name and API key, one directly after the other: who sends must know them"},
    secrets=frozenset({"secret"}),
)
