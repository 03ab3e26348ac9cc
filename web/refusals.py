"""What the addresses of monitoring and providers answer when they refuse, as the OpenAPI document tells it."""

from typing import Any

SAID = {
    400: "What was sent can't be read; every fault is named, and nothing is stored",
    403: "The signature, or the key, does not allow it",
    404: "No live key is like this one",
    405: "The tool does not send by this method",
    408: "The request did not arrive in time",
    413: "The body is too large",
    415: "The body is packed in another way than with gzip",
    429: "The key has sent too many: wait for the seconds in Retry-After",
    503: "Too many wait, or the database did not answer in time: send it again after the seconds in Retry-After",
}
TAKEN_IN = (400, 408, 413, 415, 429, 503)
"""Of every address for events."""
PROBLEM, VENDORS_OWN = "application/problem+json", "application/json"


def refusals(*statuses: int, form: str = PROBLEM) -> dict[int | str, dict[str, Any]]:
    """`form`: the content type of what is answered."""
    return {status: {"description": SAID[status], "content": {form: {}}} for status in statuses}
