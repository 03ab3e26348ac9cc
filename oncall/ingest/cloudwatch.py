"""Amazon CloudWatch's alarms, through a topic of Amazon SNS (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html).

This reads; that Amazon signed the message, `sns_office` has looked at before.
"""

import json
from typing import Any
from urllib.parse import quote

from oncall.alerts.event import SUMMARY_MAX, Event, EventAction
from oncall.ingest import sns
from oncall.ingest.fields import blank, object_of, text_of
from oncall.ingest.reading import BadEvent, Inbound, dedup_key, read_json, severity_of, shorten, web_links
from oncall.ingest.tool import URL, Sample, Step, Tool

_STATES = {"ALARM": EventAction.TRIGGER, "OK": EventAction.RESOLVE, "INSUFFICIENT_DATA": None}


def parse(inbound: Inbound) -> list[Event]:
    """One Event; none for a subscription, and for missing data unless the key asks for it. Raises BadEvent."""
    message = sns.read(inbound.body)
    if message.kind != sns.NOTIFICATION:
        return []
    alarm = _alarm(message.fields["Message"])
    name, state = text_of(alarm, "AlarmName"), text_of(alarm, "NewStateValue")
    problems = blank(("Message.AlarmName", name))
    if state not in _STATES:
        problems.append(f"'Message.NewStateValue' must be one of {', '.join(_STATES)}")
    if problems:
        raise BadEvent(problems)
    action = _STATES[state]
    if action is None and inbound.options.get("insufficient_data") == "true":
        action = EventAction.TRIGGER
    return [] if action is None else [_event(action, name, alarm, inbound.options.get("severity"))]


def _alarm(text: str) -> dict[str, Any]:
    try:
        alarm = read_json(text.encode())
    except BadEvent:
        alarm = None
    if not isinstance(alarm, dict):
        raise BadEvent(["'Message' must be a CloudWatch alarm, as a JSON object in a text"])
    return alarm


def _event(action: EventAction, name: str, alarm: dict[str, Any], severity: str | None) -> Event:
    arn = text_of(alarm, "AlarmArn")
    reason = text_of(alarm, "AlarmDescription") or text_of(alarm, "NewStateReason")
    place = "/".join(filter(None, (text_of(alarm, "AWSAccountId"), text_of(alarm, "Region"))))
    return Event(
        action,
        dedup_key(arn or f"{place}/{name}"),
        summary=shorten(f"{name}: {reason}" if reason else name, SUMMARY_MAX),
        severity=severity_of(severity),
        source=_dimensions(alarm)[:300],
        details={key: value for key, value in alarm.items() if key != "AlarmName" and value is not None},
        links=web_links((_page(arn, name), "Alarm in CloudWatch")),
    )


def _dimensions(alarm: dict[str, Any]) -> str:
    """What the alarm is about: “InstanceId i-0abc”."""
    found = object_of(alarm, "Trigger").get("Dimensions")
    each = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return ", ".join(f"{text_of(one, 'name')} {text_of(one, 'value')}" for one in each)


def _page(arn: str, name: str) -> str:
    """In the console of its region, by the fourth part of its ARN; the message itself names the region in words."""
    parts = arn.split(":")
    if len(parts) < 7 or parts[1] not in ("aws", "aws-cn"):
        return ""
    console = "console.aws.amazon.com" if parts[1] == "aws" else "console.amazonaws.cn"
    return f"https://{console}/cloudwatch/home?region={quote(parts[3])}#alarmsV2:alarm/{quote(name)}"


def _sample(state: str, reason: str) -> Sample:
    topic = "arn:aws:sns:us-east-1:123456789012:oncall"
    alarm = {
        "AlarmName": "checkout-errors",
        "AlarmDescription": "More than 5 % of checkouts fail",
        "AWSAccountId": "123456789012",
        "NewStateValue": state,
        "NewStateReason": reason,
        "StateChangeTime": "2026-01-05T10:00:00.000+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:checkout-errors",
        "OldStateValue": "OK" if state == "ALARM" else "ALARM",
        "Trigger": {
            "MetricName": "HTTPCode_Target_5XX_Count",
            "Namespace": "AWS/ApplicationELB",
            "Dimensions": [{"name": "LoadBalancer", "value": "app/checkout/50dc6c495c0c9188"}],
            "Threshold": 5.0,
        },
    }
    message = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": topic,
        "Subject": f'{state}: "checkout-errors" in US East (N. Virginia)',
        "Message": json.dumps(alarm),
        "Timestamp": "2026-01-05T10:00:01.000Z",
        "SignatureVersion": "1",
        "Signature": "RXhhbXBsZQ==",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "UnsubscribeURL": f"https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={topic}:1",
    }
    return Sample(json.dumps(message).encode(), {"content-type": "text/plain; charset=UTF-8"})


TOOL = Tool(
    "Amazon CloudWatch",
    parse,
    trigger=_sample("ALARM", "Threshold Crossed: 1 datapoint [9.0] was greater than the threshold (5.0)."),
    resolve=_sample("OK", "Threshold Crossed: 1 datapoint [0.0] was not greater than the threshold (5.0)."),
    recipe=(
        Step(
            "Subscribe this address, which must be reachable from the internet by HTTPS, to a topic of Amazon SNS, "
            "without raw message delivery; it confirms itself",
            "aws sns subscribe --topic-arn arn:aws:sns:REGION:ACCOUNT:TOPIC --protocol https "
            f"--notification-endpoint {URL}",
        ),
        Step(
            "Have each alarm tell the topic when it begins and when it is over",
            "aws cloudwatch put-metric-alarm … --alarm-actions TOPIC-ARN --ok-actions TOPIC-ARN",
        ),
        Step("Put the topic's ARN into this key's option `topic`: other topics are refused then"),
    ),
    options={
        "topic": "the ARN of the topic: what another topic sends is refused",
        "severity": "of all its alarms, which have none of their own: critical, error (unless set), warning or info",
        "insufficient_data": "“true” makes an alert of an alarm that has too little data, too",
    },
    comes_by_sns=True,
)
