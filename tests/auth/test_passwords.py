"""Passwords are worked on a few at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack

import pytest

from oncall.auth import passwords
from oncall.errors import Unavailable


@pytest.fixture
def busy() -> Iterator[None]:
    """As many passwords are being worked on as there may be."""
    with ExitStack() as held:
        for _ in range(passwords.AT_ONCE):
            held.enter_context(passwords.turn())
        yield


@pytest.mark.usefixtures("busy")
def test_who_has_waited_long_enough_is_told_to_try_again() -> None:
    with pytest.raises(Unavailable, match="Try again in a few seconds"):
        passwords.is_password("anything at all", None)


@pytest.mark.usefixtures("busy")
def test_those_who_would_make_the_line_too_long_do_not_wait() -> None:
    def is_let_in() -> bool:
        try:
            with passwords.turn():
                return True
        except Unavailable:
            return False

    with ThreadPoolExecutor(passwords.IN_LINE + 8) as pool:
        tries = [pool.submit(is_let_in) for _ in range(passwords.IN_LINE + 8)]
        done, waiting = wait(tries, timeout=passwords.LONGEST_WAIT / 2)

    assert {each.result() for each in done} == {False}
    assert len(waiting) == passwords.IN_LINE


def test_a_turn_is_given_back_when_the_work_fails() -> None:
    for _ in range(passwords.AT_ONCE + passwords.IN_LINE + 1):
        with pytest.raises(ZeroDivisionError), passwords.turn():
            1 / 0  # noqa: B018
