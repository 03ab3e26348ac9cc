"""UptimeRobot's variables: in the query, as a form or as JSON, by names that its users write."""

import pytest

from oncall.ingest import uptimerobot
from oncall.ingest.reading import BadEvent, Inbound
from tests.ingest.told import as_form, as_json, gist

DOWN = {
    "monitorID": "777749809",
    "monitorURL": "https://shop.example.com",
    "monitorFriendlyName": "Shop",
    "alertType": "1",
    "alertTypeFriendlyName": "Down",
    "alertDetails": "Connection Timeout",
    "alertDuration": "*alertDuration*",
}


@pytest.mark.parametrize("inbound", [Inbound(b"", query=DOWN), as_form(**DOWN), as_json(DOWN)])
def test_down_triggers_however_it_is_sent(inbound: Inbound) -> None:
    (event,) = uptimerobot.parse(inbound)
    assert gist([event]) == [("trigger", "777749809", "error")]
    assert event.summary == "Shop is down: Connection Timeout"


def test_up_resolves() -> None:
    assert gist(uptimerobot.parse(as_form(**DOWN | {"alertType": "2"})))[0][:2] == ("resolve", "777749809")


def test_a_certificate_that_expires_is_a_warning_of_its_own() -> None:
    assert gist(uptimerobot.parse(as_form(**DOWN | {"alertType": "3"}))) == [
        ("trigger", "777749809:expires", "warning")
    ]


def test_other_names_and_words_are_understood() -> None:
    sent = {"monitor_url": "https://shop.example.com", "alert_type_friendly_name": "Up"}
    assert gist(uptimerobot.parse(as_json(sent)))[0][:2] == ("resolve", "https://shop.example.com")


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadEvent) as caught:
        uptimerobot.parse(as_form(monitorID="*monitorID*", alertType="*alertType*"))
    assert caught.value.problems == [
        "'monitorID' is missing or blank",
        "'alertType' must be 1 (down), 2 (up) or 3 (a certificate or domain expires)",
    ]
