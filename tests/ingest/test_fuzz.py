"""Whatever is sent: every parser reads it or refuses it by name, and what it reads can be stored and shown.

Samples are spoilt byte by byte and value by value. A few of each in every test run, thousands in `make fuzz`.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall.alerts.event import DEDUP_KEY_MAX, SUMMARY_MAX, Event, EventAction
from oncall.ingest import change
from oncall.ingest.change import Change
from oncall.ingest.reading import BadEvent, BadSignature, Inbound
from oncall.ingest.registry import TOOLS
from oncall.ingest.tool import Sample, problem_with
from oncall.names import is_storable
from tests.conftest import FUZZ
from tests.ingest.test_tools import NOW

IS_LONG = settings.get_current_profile_name() == FUZZ
a_few = settings(
    max_examples=1_000 if IS_LONG else 15,
    derandomize=not IS_LONG,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
every_tool = pytest.mark.parametrize("name", sorted(TOOLS))

OPTIONS: dict[str, list[dict[str, str]]] = {
    "alertmanager": [{"group": "true"}],
    "cloudevents": [{"trigger": "com.*", "resolve": "*.resolved", "ignore": "?"}],
    "email": [{"resolve": "OK|RECOVERY", "dedup": "of (.*)", "ignore": "^$", "severity": "info"}],
    "generic": [
        {"each": "alerts[*]", "summary": "title", "action": "$.status", "links": "links", "details": "@"},
        {"summary": "to_string(@)", "dedup_key": "keys(@)[0]", "severity": "length(severity)", "source": "*"},
        {"each": "[@, @]", "summary": "values(@)[0]", "details": "[@, @] | [@, @] | [@, @]", "links": "[url, url]"},
    ],
    "github": [{"branches": "*"}, {"secret": "s3cret"}],
    "statuscake": [{"secret": "s3cret"}],
}
"""To be tried beside none."""

_DETAILS = {"by": "bob", "build": 4711, "tags": ["web", {"a": None}]}
_PAYLOAD = {"summary": "deploy web", "source": "ci", "timestamp": "2026-01-05T10:00:00Z", "custom_details": _DETAILS}
OTHERS: dict[str, tuple[Callable[[bytes], Change], bytes]] = {
    "plain": (
        change.read,
        json.dumps({"summary": "deploy", "at": 1767607200, "link": "https://ci.example.com", **_DETAILS}).encode(),
    ),
    "PagerDuty's": (
        lambda body: change.read_v2(body).change(),
        json.dumps({"routing_key": "k", "payload": _PAYLOAD, "links": [{"href": "https://ci", "text": "CI"}]}).encode(),
    ),
}
"""What is no tool's, by name: how it is read, and a sample."""

odd_texts = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "a\0b",
        "é" * 600,
        "x" * 5_000,
        "{{rule.id}}",
        "$EVENT_TITLE",
        "{ALERT.NAME}",
        "%sensorid",
        "\u202e",
    ]
) | st.text(max_size=30)
odd_numbers = st.sampled_from([0, -1, 2**63, 10**300, 1e308, -0.0, 1e-320]) | st.integers() | st.floats(allow_nan=False)
odd_values = st.recursive(
    st.none() | st.booleans() | odd_numbers | odd_texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_texts, inner, max_size=3),
    max_leaves=6,
)


def holds(name: str, inbound: Inbound) -> None:
    """What must be true of every answer of a parser."""
    try:
        events = TOOLS[name].parse(inbound)
    except (BadEvent, BadSignature):
        return
    for event in events:
        can_be_stored(event)


def can_be_stored(event: Event) -> None:
    assert 0 < len(event.dedup_key) <= DEDUP_KEY_MAX
    assert len(event.summary) <= SUMMARY_MAX
    assert event.summary.strip() or event.action is not EventAction.TRIGGER
    assert len(event.source) <= 300
    assert all(link["href"].startswith(("http://", "https://")) and link["text"] for link in event.links)
    written = json.dumps([event.details, event.links], allow_nan=False, ensure_ascii=False)
    assert all(is_storable(text) for text in (event.dedup_key, event.summary, event.source, written))


def run(figure: Callable[[str], None], attempt: Callable[[], None], tried: list[object], what: str) -> None:
    attempt()
    if IS_LONG:
        figure(f"{what}: {len(tried):,} tried")


@every_tool
def test_bytes_that_were_spoilt_do_no_harm(name: str, figure: Callable[[str], None]) -> None:
    tried: list[object] = []

    @a_few
    @given(data=st.data())
    def attempt(data: st.DataObject) -> None:
        sample = data.draw(samples_of(name))
        spoilt = data.draw(spoilt_bytes(sample.body))
        tried.append(None)
        holds(name, Inbound(spoilt, data.draw(options_of(name)), sample.headers, sample.query, NOW))

    run(figure, attempt, tried, f"{name}, bytes")


@every_tool
def test_values_that_nobody_expects_do_no_harm(name: str, figure: Callable[[str], None]) -> None:
    tried: list[object] = []

    @a_few
    @given(data=st.data())
    def attempt(data: st.DataObject) -> None:
        sample = data.draw(samples_of(name))
        tried.append(None)
        holds(
            name,
            Inbound(
                data.draw(spoilt_values(sample.body)),
                data.draw(options_of(name)),
                data.draw(spoilt_texts(sample.headers)),
                data.draw(spoilt_texts(sample.query)),
                NOW,
            ),
        )

    run(figure, attempt, tried, f"{name}, values")


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_what_is_sent_to_other_addresses_does_no_harm(name: str, figure: Callable[[str], None]) -> None:
    read, sample = OTHERS[name]
    tried: list[object] = []

    @a_few
    @given(body=spoilt_values(sample) | spoilt_bytes(sample))
    def attempt(body: bytes) -> None:
        tried.append(None)
        try:
            sent = read(body)
        except BadEvent:
            return
        assert sent.summary.strip()
        kept = [sent.summary, sent.author, sent.source, sent.links, sent.details]
        written = json.dumps(kept, allow_nan=False, ensure_ascii=False)
        assert is_storable(written)
        assert sent.at is None or sent.at.tzinfo is not None

    run(figure, attempt, tried, f"changes, {name}")


def test_the_options_that_are_tried_are_ones_that_can_be_set() -> None:
    assert [
        problem_with(TOOLS[name], options)
        for name, several in OPTIONS.items()
        for options in several
        if problem_with(TOOLS[name], options)
    ] == []


def samples_of(name: str) -> st.SearchStrategy[Sample]:
    tool = TOOLS[name]
    return st.sampled_from([sample for sample in (tool.trigger, tool.resolve) if sample])


def options_of(name: str) -> st.SearchStrategy[dict[str, str]]:
    return st.sampled_from([{}, *OPTIONS.get(name, [])])


@st.composite
def spoilt_bytes(draw: st.DrawFn, body: bytes) -> bytes:
    """Some bytes changed, taken away, put in or repeated."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 20)))
        put_in = draw(st.binary(max_size=8) | st.just(body[start:end] * 2) | st.sampled_from([b"\\u0000", b"[" * 300]))
        body = body[:start] + put_in + body[end:]
    return body


@st.composite
def spoilt_values(draw: st.DrawFn, body: bytes) -> bytes:
    """Values of a JSON or a form replaced, taken away, or put under other names."""
    try:
        message = json.loads(body)
    except ValueError:
        fields = draw(spoilt_texts(dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))))
        return urlencode(fields, errors="replace").encode()
    for _ in range(draw(st.integers(1, 3))):
        message = draw(spoilt(message))
    return json.dumps(message).encode()


@st.composite
def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """`value` with one value in it spoilt; now and then, itself."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 9)) == 0:
        return draw(odd_values)
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    place = draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
    match draw(st.integers(0, 5)):
        case 0:
            del copy[place]
        case 1 if isinstance(copy, dict):
            copy[draw(odd_texts)] = copy.pop(place)
        case _:
            copy[place] = draw(spoilt(copy[place]))
    return copy


@st.composite
def spoilt_texts(draw: st.DrawFn, fields: Any) -> dict[str, str]:
    copy = dict(fields)
    for name in sorted(copy):
        match draw(st.integers(0, 5)):
            case 0:
                del copy[name]
            case 1:
                copy[name] = draw(odd_texts)
            case _:
                pass
    return copy
