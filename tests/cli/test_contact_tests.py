"""`oncall user test`."""

from tests.cli.conftest import Oncall


def test_it_sends_a_test_message_and_says_what_became_of_it(oncall: Oncall) -> None:
    printed = oncall("user", "test", "bob", "mobile", "--wait", "0")
    assert (printed.code, printed.out) == (0, "The test message to mobile of bob: on its way.\n")
    assert oncall("user", "test", "bob", "mobile", "--wait", "0", "--json").json()["state"] == "pending"


def test_a_contact_method_that_is_not_there_is_said_with_those_that_are(oncall: Oncall) -> None:
    printed = oncall("user", "test", "bob", "pager")
    assert (printed.code, printed.err) == (1, "Bob Baker has no contact method pager; there is mobile.\n")
