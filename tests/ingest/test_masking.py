"""What may be shown of a request: all of it but what would let somebody in."""

import pytest

from oncall.ingest.masking import MASK, masked_headers, masked_text

KEY = "0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        (b"Authorization", b"GenieKey 0123456789abcdef", f"GenieKey {MASK}"),
        (b"authorization", b"dXNlcjpwYXNz", MASK),
        (b"Cookie", b"session=abc; theme=dark", MASK),
        (b"X-Hub-Signature-256", b"sha256=abc", MASK),
        (b"X-Api-Key", b"abc", MASK),
        (b"X-Forwarded-Uri", b"/ingest/generic/0123456789abcdef", f"/ingest/generic/{MASK}"),
        (b"User-Agent", b"Alertmanager/0.28.0", "Alertmanager/0.28.0"),
    ],
)
def test_headers_that_let_somebody_in_are_masked(name: bytes, value: bytes, shown: str) -> None:
    assert masked_headers([(name, value)], [KEY]) == [[name.decode(), shown]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"routing_key": "elsewhere", "a": "b"}', f'{{"routing_key": "{MASK}", "a": "b"}}'),
        ('{"x": {"dbPassword" :"hun\\"ter"}, "y": 1}', f'{{"x": {{"dbPassword" :"{MASK}"}}, "y": 1}}'),
        ('{"token": 12345}', f'{{"token": "{MASK}"}}'),
        ('{"summary": "x", "secret": "cut off in the mid', f'{{"summary": "x", "secret": "{MASK}"'),
        ("host=db1&api_key=abc&state=down", f"host=db1&api_key={MASK}&state=down"),
        ("/ingest/generic/0123456789abcdef?token=abc", f"/ingest/generic/{MASK}?token={MASK}"),
        ("the key is 0123456789abcdef.", f"the key is {MASK}."),
        ('{"summary": "Token expired", "source": "db1"}', '{"summary": "Token expired", "source": "db1"}'),
    ],
)
def test_in_a_text_the_key_and_fields_named_like_secrets_are_masked(text: str, shown: str) -> None:
    assert masked_text(text, [KEY]) == shown


def test_a_key_that_an_address_must_write_otherwise_is_masked_too() -> None:
    assert masked_text("/ingest/generic/a%2Fb%20c and a/b c", ["a/b c"]) == f"/ingest/generic/{MASK} and {MASK}"
