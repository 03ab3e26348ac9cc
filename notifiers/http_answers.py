"""What an HTTP status says about trying again (RFC 9110 §15)."""

PASSING = {408, 425, 429}
"""Answers below 500 that ask for another try."""


def is_passing(status: int) -> bool:
    return status >= 500 or status in PASSING
