"""Passwords, hashed with argon2: slow and large on purpose, so only a few are worked on at once."""

from functools import cache

from pwdlib import PasswordHash

from oncall.errors import BadInput
from oncall.waiting_line import WaitingLine

SHORTEST = 10
LONGEST = 200

AT_ONCE, IN_LINE = 2, 8
"""Each takes 64 MiB and a tenth of a second."""
LONGEST_WAIT = 1.0
BUSY = "Too many passwords are being checked at this moment. Try again in a few seconds."

turn = WaitingLine(AT_ONCE, IN_LINE, LONGEST_WAIT, BUSY).turn
"""Held while a password is worked on. Raises Unavailable."""


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("the password of nobody")


def hash_password(password: str) -> str:
    """Raises BadInput for one that is too short to be safe or absurdly long, and Unavailable."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"A password has {SHORTEST} to {LONGEST} characters.", field="password")
    with turn():
        return _hasher().hash(password)


def is_password(password: str, stored_hash: str | None) -> bool:
    """Takes as long for a person without a password, so that time does not tell who has one. Raises Unavailable."""
    with turn():
        return _hasher().verify(password[:LONGEST], stored_hash or _nobodys_hash()) and stored_hash is not None
