"""Passwords, hashed with argon2: slow and large on purpose, so only a few are worked on at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from pwdlib import PasswordHash

from oncall.errors import BadInput, Unavailable

SHORTEST = 10
LONGEST = 200

AT_ONCE, IN_LINE = 2, 8
"""Each takes 64 MiB and a tenth of a second; each that waits takes a thread that a page could be acknowledged with."""
LONGEST_WAIT = 1.0
_at_work = threading.BoundedSemaphore(AT_ONCE)
_let_in = threading.BoundedSemaphore(AT_ONCE + IN_LINE)


@contextmanager
def turn() -> Iterator[None]:
    """Held while a password is worked on. Raises Unavailable when too many are, or it takes LONGEST_WAIT seconds."""
    busy = Unavailable("Too many passwords are being checked at this moment. Try again in a few seconds.")
    if not _let_in.acquire(blocking=False):
        raise busy
    try:
        if not _at_work.acquire(timeout=LONGEST_WAIT):
            raise busy
        try:
            yield
        finally:
            _at_work.release()
    finally:
        _let_in.release()


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
