"""Change events: in PagerDuty's form, and in the plain one of a deploy script."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from oncall.ingest import change as reading
from oncall.ingest.change import Change
from oncall.ingest.reading import BadEvent

PAYLOADS = Path(__file__).parent.parent / "payloads"
BUILD: dict[str, Any] = {
    "routing_key": "samplekeyhere",
    "payload": {
        "summary": "Build Success: Increase snapshot create timeout to 30 seconds",
        "timestamp": "2020-07-17T08:42:58.315+0000",
        "source": "acme-build-pipeline-tool-default-i-9999",
        "custom_details": {"build_state": "passed", "user": "bob"},
    },
    "links": [{"href": "https://acme.pagerduty.dev/build/2", "text": "View more details in Acme!"}],
}


def read(message: Any) -> Change:
    return reading.read(json.dumps(message).encode())


def problems(message: Any) -> list[str]:
    with pytest.raises(BadEvent) as caught:
        read(message)
    return caught.value.problems


def test_pagerdutys_form_is_read_with_who_did_it_from_its_details() -> None:
    change = read(BUILD)
    assert change == reading.read_v2(json.dumps(BUILD).encode()).change()
    assert change == Change(
        "Build Success: Increase snapshot create timeout to 30 seconds",
        datetime(2020, 7, 17, 8, 42, 58, 315000, UTC),
        "bob",
        "acme-build-pipeline-tool-default-i-9999",
        [{"href": "https://acme.pagerduty.dev/build/2", "text": "View more details in Acme!"}],
        {"build_state": "passed", "user": "bob"},
    )


def test_what_pdpyras_sent() -> None:
    body = json.loads((PAYLOADS / "pdpyras" / "004_POST_v2_change_enqueue.json").read_text())["body"]
    change = reading.read_v2(body.encode()).change()
    assert change == Change("deploy", datetime(2026, 11, 22, 21, 50, 8, 806166, UTC), source="ci")


def test_a_deploy_script_writes_what_it_knows() -> None:
    change = read({"summary": "deploy web #4711", "by": "bob", "link": "https://ci.example.org/4711", "sha": "f00"})
    assert change == Change(
        "deploy web #4711",
        author="bob",
        links=[{"href": "https://ci.example.org/4711", "text": "Open the change"}],
        details={"sha": "f00"},
    )
    assert read({"summary": "deploy"}) == Change("deploy")


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        ("2026-01-05T10:00:00Z", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T11:00:00+01:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T10:00:00+00:00Z", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T10:00:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        (1767607200, datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00Z", None),
        (1e300, None),
        (10**40, None),
        (-1, None),
        (True, None),
        ([1], None),
    ],
)
def test_no_kind_of_timestamp_refuses_a_change_in_pagerdutys_form(timestamp: Any, at: datetime | None) -> None:
    assert read(BUILD | {"payload": {"summary": "deploy", "timestamp": timestamp}}).at == at


@pytest.mark.parametrize("at", ["2026-01-05T10:00:00Z", "2026-01-05T05:00-05:00", 1767607200])
def test_when_it_was_is_said_as_a_time_with_its_zone_or_in_seconds(at: Any) -> None:
    assert read({"summary": "deploy", "at": at}).at == datetime(2026, 1, 5, 10, tzinfo=UTC)


def test_every_fault_is_named() -> None:
    assert problems({"payload": {"source": "ci"}, "links": "x"}) == [
        "'payload.summary' is missing or blank",
        "'links': Input should be a valid list",
    ]
    assert problems({"summary": " ", "by": "b" * 201, "at": "tomorrow"}) == [
        "'summary' is missing or blank",
        "'by' is too long (maximum is 200 characters)",
        "'at': “tomorrow” is not a time: write it like 2026-01-05T10:00:00Z or 2026-01-05T10:00-05:00.",
    ]
    assert problems({"summary": "x" * 1025}) == ["'summary' is too long (maximum is 1024 characters)"]
    assert problems({"summary": "deploy", "link": "javascript:alert(1)"}) == [
        "'link' must begin with http:// or https://"
    ]
    assert problems({"summary": "deploy", "at": 1e300})[0].startswith("'at': ")
    with pytest.raises(BadEvent, match="'routing_key' is missing or blank"):
        reading.read_v2(b'{"payload": {"summary": "deploy"}}')


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"7", b"\xff", b"[" * 9999, b'{"summary": "\\ud800"}'])
def test_a_body_that_is_no_change_is_refused(body: bytes) -> None:
    for way in (reading.read, reading.read_v2):
        with pytest.raises(BadEvent):
            way(body)
