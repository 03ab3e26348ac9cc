"""Passwords, hashed with argon2."""

from functools import cache

from pwdlib import PasswordHash

from oncall.errors import BadInput

SHORTEST = 10
LONGEST = 200


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("the password of nobody")


def hash_password(password: str) -> str:
    """Raises BadInput for one that is too short to be safe or absurdly long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"A password has {SHORTEST} to {LONGEST} characters.", field="password")
    return _hasher().hash(password)


def is_password(password: str, stored_hash: str | None) -> bool:
    """Takes as long for a person without a password, so that time does not tell who has one."""
    return _hasher().verify(password[:LONGEST], stored_hash or _nobodys_hash()) and stored_hash is not None
