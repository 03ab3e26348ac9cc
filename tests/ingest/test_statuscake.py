"""StatusCake's webhook: a form, or the same as JSON."""

import hashlib
from urllib.parse import urlencode

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import statuscake
from oncall.ingest.reading import BadEvent, BadSignature, Inbound
from oncall.models import Severity

DOWN = {
    "URL": "https://www.example.com",
    "Token": hashlib.md5(b"example-user0123456789").hexdigest(),
    "Name": "My Website",
    "StatusCode": "503",
    "Status": "Down",
    "IP": "1.2.3.4",
    "Tags": "shop,production",
    "CheckRate": "300",
}


def inbound(secret: str = "", **changes: str) -> Inbound:
    return Inbound(urlencode(DOWN | changes).encode(), {"secret": secret} if secret else {})


def test_a_test_that_is_down_triggers() -> None:
    (event,) = statuscake.parse(inbound())
    assert (event.action, event.severity) == (EventAction.TRIGGER, Severity.CRITICAL)
    assert (event.summary, event.source) == ("My Website is down (status 503)", "https://www.example.com")
    assert event.details["Tags"] == "shop,production"


@pytest.mark.parametrize("status", ["Up", "UP"])
def test_it_resolves_when_it_is_up(status: str) -> None:
    (down,), (up,) = statuscake.parse(inbound()), statuscake.parse(inbound(Status=status, StatusCode="200"))
    assert (up.action, up.summary) == (EventAction.RESOLVE, "My Website is up")
    assert up.dedup_key == down.dedup_key


def test_a_time_out_has_no_status_and_an_id_is_better_than_a_name() -> None:
    (event,) = statuscake.parse(inbound(StatusCode="0", TestID="4711"))
    assert (event.summary, event.dedup_key) == ("My Website is down", "4711")


def test_json_is_read_as_well() -> None:
    (event,) = statuscake.parse(Inbound(b'{"Name": "My Website", "Status": "UP", "StatusCode": 200}'))
    assert event.action is EventAction.RESOLVE


def test_with_a_secret_the_token_must_be_that_of_the_account() -> None:
    assert statuscake.parse(inbound(secret="example-user0123456789"))
    for token in ("", "0" * 32, "é"):
        with pytest.raises(BadSignature):
            statuscake.parse(inbound(secret="example-user0123456789", Token=token))


def test_the_token_is_not_kept() -> None:
    assert "Token" not in statuscake.parse(inbound())[0].details


def test_every_fault_is_named() -> None:
    with pytest.raises(BadEvent) as refused:
        statuscake.parse(inbound(Name="", URL=" ", Status="Sideways"))
    assert refused.value.problems == ["'Name' is missing or blank", "'Status' must be Up or Down"]
