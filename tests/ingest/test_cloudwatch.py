"""CloudWatch's alarms inside messages of SNS: what they mean, and which messages are none."""

import json
from typing import Any

import pytest

from oncall.alerts.event import EventAction
from oncall.ingest import cloudwatch, sns
from oncall.ingest.reading import BadEvent, Inbound
from oncall.models import Severity
from tests.ingest.told import NOW, as_json, gist

ARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:Orders failing"
ALARM: dict[str, Any] = {
    "AlarmName": "Orders failing",
    "AlarmDescription": None,
    "AWSAccountId": "123456789012",
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed: 1 datapoint [10.0] was greater than or equal to the threshold (1.0).",
    "StateChangeTime": "2026-11-23T13:59:58.123+0000",
    "Region": "EU (Ireland)",
    "AlarmArn": ARN,
    "OldStateValue": "OK",
    "Trigger": {
        "MetricName": "Errors",
        "Namespace": "AWS/Lambda",
        "Statistic": "SUM",
        "Unit": None,
        "Dimensions": [{"value": "orders", "name": "FunctionName"}],
        "Period": 60,
        "Threshold": 1.0,
    },
}
ENVELOPE: dict[str, Any] = {
    "Type": "Notification",
    "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    "TopicArn": "arn:aws:sns:eu-west-1:123456789012:oncall",
    "Subject": 'ALARM: "Orders failing" in EU (Ireland)',
    "Timestamp": "2026-11-23T14:00:00.000Z",
    "SignatureVersion": "1",
    "Signature": "EXAMPLEpH+DcEwjAPg8O9mY8dReBSwksfg2S7WKQcikcNK==",
    "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem",
    "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:1",
}
CONFIRMATION: dict[str, Any] = {
    **{name: value for name, value in ENVELOPE.items() if name != "Subject"},
    "Type": "SubscriptionConfirmation",
    "Message": "You have chosen to subscribe to the topic.",
    "Token": "2336412f37",
    "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=a&Token=2336412f37",
}


def alarm(**changed: Any) -> dict[str, Any]:
    return ENVELOPE | {"Message": json.dumps(ALARM | changed)}


def test_an_alarm_triggers_by_its_arn() -> None:
    (event,) = cloudwatch.parse(as_json(alarm()))
    assert (event.action, event.dedup_key, event.severity) == (EventAction.TRIGGER, ARN, Severity.ERROR)
    assert event.summary == f"Orders failing: {ALARM['NewStateReason']}"
    assert event.source == "FunctionName orders"
    assert [link["href"] for link in event.links] == [
        "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/Orders%20failing"
    ]


def test_ok_resolves_it() -> None:
    assert gist(cloudwatch.parse(as_json(alarm(NewStateValue="OK"))))[0][:2] == ("resolve", ARN)


def test_missing_data_is_no_problem_unless_the_key_says_so() -> None:
    assert cloudwatch.parse(as_json(alarm(NewStateValue="INSUFFICIENT_DATA"))) == []
    asked = as_json(alarm(NewStateValue="INSUFFICIENT_DATA"), insufficient_data="true")
    assert gist(cloudwatch.parse(asked))[0][:2] == ("trigger", ARN)


def test_the_key_says_how_bad_its_alarms_are() -> None:
    assert gist(cloudwatch.parse(as_json(alarm(), severity="critical")))[0][2] == "critical"


def test_an_alarm_without_arn_is_known_by_account_region_and_name() -> None:
    assert gist(cloudwatch.parse(as_json(alarm(AlarmArn=None))))[0][1] == "123456789012/EU (Ireland)/Orders failing"


def test_a_subscription_is_no_event() -> None:
    assert cloudwatch.parse(as_json(CONFIRMATION)) == []
    assert sns.read(json.dumps(CONFIRMATION).encode()).confirmation_url == CONFIRMATION["SubscribeURL"]


@pytest.mark.parametrize("text", ["hello", "[]", "{"])
def test_another_message_of_the_topic_is_refused(text: str) -> None:
    with pytest.raises(BadEvent, match="'Message' must be a CloudWatch alarm"):
        cloudwatch.parse(as_json(ENVELOPE | {"Message": text}))


def test_every_fault_of_the_alarm_is_named() -> None:
    with pytest.raises(BadEvent) as caught:
        cloudwatch.parse(as_json(alarm(AlarmName="", NewStateValue="MAYBE")))
    assert caught.value.problems == [
        "'Message.AlarmName' is missing or blank",
        "'Message.NewStateValue' must be one of ALARM, OK, INSUFFICIENT_DATA",
    ]


def test_every_fault_of_the_envelope_is_named() -> None:
    with pytest.raises(BadEvent) as caught:
        sns.read(json.dumps(alarm() | {"Signature": None, "MessageId": ""}).encode())
    assert caught.value.problems == ["'MessageId' is missing or blank", "'Signature' is missing or blank"]


def test_raw_delivery_which_has_no_signature_is_explained() -> None:
    with pytest.raises(BadEvent, match="turn “raw message delivery” off"):
        cloudwatch.parse(Inbound(json.dumps(ALARM).encode(), at=NOW))


PEM = "SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem"


@pytest.mark.parametrize(
    "url", [f"https://sns.cn-north-1.amazonaws.com.cn/{PEM}", f"https://sns.us-gov-west-1.amazonaws.com/{PEM}"]
)
def test_amazon_is_in_many_regions(url: str) -> None:
    assert sns.read(json.dumps(alarm() | {"SigningCertURL": url}).encode()).certificate_url == url


@pytest.mark.parametrize(
    "url",
    [
        f"http://sns.us-east-1.amazonaws.com/{PEM}",
        f"https://sns.us-east-1.amazonaws.com.evil.example/{PEM}",
        f"https://evil.example/sns.us-east-1.amazonaws.com/{PEM}",
        f"https://sns.us-east-1.amazonaws.com@evil.example/{PEM}",
        f"https://sns.us-east-1.amazonaws.com:8443/{PEM}",
        f"https://sns.evil.example#.amazonaws.com/{PEM}",
        f"https://sns.us-east-1.amazonaws.com/{PEM}?x=1",
        f"https://sns.us-east-1.amazonaws.com/bucket/{PEM}",
        f"https://bucket.s3.us-east-1.amazonaws.com/{PEM}",
        "https://sns.us-east-1.amazonaws.com/mine.pem",
        "https://[",
        f"https://sns.us-east-1.amazonaws.com\n/{PEM}",
    ],
)
def test_a_certificate_from_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(BadEvent, match="'SigningCertURL' must be a certificate at"):
        sns.read(json.dumps(alarm() | {"SigningCertURL": url}).encode())


def test_a_subscription_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(BadEvent, match="'SubscribeURL' must be at"):
        sns.read(json.dumps(CONFIRMATION | {"SubscribeURL": "https://169.254.169.254/latest"}).encode())
