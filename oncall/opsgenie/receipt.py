"""Pure: a request's id says itself what became of it, sealed, so that every process can tell it without a table.

Senders ask for it right after the 202, and for a day. It has the form of a random UUID, whose 122 free bits are: 5 for
what was asked, 3 for how it went, 36 for the alert, 41 for the time in milliseconds, and a seal of 37.
"""

import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
_TIME, _ALERT, _OUTCOME, _DEED, _SEAL = 41, 36, 3, 5, 37

Seal = Callable[[bytes], bytes]
"""A keyed digest of five bytes or more, different for each service."""


class Outcome(IntEnum):
    DONE = 0
    NO_ALERT = 1
    NOT_POSSIBLE = 2
    """The alert is closed, or else in a state in which it can't be done."""


@dataclass(frozen=True, slots=True)
class Receipt:
    deed: int
    outcome: Outcome
    alert_id: int
    """0: none."""
    at: datetime
    """To the millisecond."""


def request_id(receipt: Receipt, seal: Seal) -> str:
    alert_id = receipt.alert_id if receipt.alert_id < 1 << _ALERT else 0
    told = receipt.deed << _OUTCOME | receipt.outcome
    told = told << _ALERT | alert_id
    told = told << _TIME | max(0, (receipt.at - BEGINNING) // MILLISECOND) & ((1 << _TIME) - 1)
    digest = int.from_bytes(seal(told.to_bytes(11, "big"))[:5], "big") >> (40 - _SEAL)
    return str(_as_uuid(told << _SEAL | digest))


def read_request_id(text: str, seal: Seal) -> Receipt | None:
    """None for one that was not made here, or for another service."""
    try:
        told = _bits(uuid.UUID(text)) >> _SEAL
        receipt = Receipt(
            told >> (_TIME + _ALERT + _OUTCOME),
            Outcome(told >> (_TIME + _ALERT) & ((1 << _OUTCOME) - 1)),
            told >> _TIME & ((1 << _ALERT) - 1),
            BEGINNING + (told & ((1 << _TIME) - 1)) * MILLISECOND,
        )
    except ValueError:
        return None
    return receipt if hmac.compare_digest(request_id(receipt, seal), str(uuid.UUID(text))) else None


def _as_uuid(bits: int) -> uuid.UUID:
    """With the marks of version 4."""
    high, middle, low = bits >> 74, bits >> 62 & 0xFFF, bits & ((1 << 62) - 1)
    return uuid.UUID(int=high << 80 | 4 << 76 | middle << 64 | 0b10 << 62 | low)


def _bits(value: uuid.UUID) -> int:
    high, middle, low = value.int >> 80, value.int >> 64 & 0xFFF, value.int & ((1 << 62) - 1)
    return high << 74 | middle << 62 | low
