"""A look inside a key from the command line, and a test event through it."""

from tests.cli.conftest import Oncall


def test_nothing_has_come_to_a_new_key(oncall: Oncall) -> None:
    assert oncall("key", "requests", "web", "scripts").out == "Nothing has come yet.\n"


def test_a_test_event_is_sent_and_seen(oncall: Oncall) -> None:
    assert "opened alert #1 and resolved it again" in oncall("key", "test", "web", "scripts").out

    table = oncall("key", "requests", "web", "scripts").out.splitlines()
    assert table[0].split() == ["AT", "METHOD", "STATUS", "BODY_BYTES", "OUTCOME"]
    assert "→ alert #1" in table[1]
    (resolve, trigger) = oncall("key", "requests", "web", "scripts", "--json").json()
    assert [each["events"][0]["action"] for each in (trigger, resolve)] == ["trigger", "resolve"]


def test_a_test_event_may_page(oncall: Oncall) -> None:
    tested = oncall("key", "test", "web", "scripts", "--page", "--json").json()

    assert [(each["action"], each["alert_id"]) for each in tested["events"]] == [("trigger", 1)]
    assert oncall("alert", "list", "--json").json()[0]["status"] == "triggered"


def test_a_key_of_another_vendor_is_brought_along(oncall: Oncall) -> None:
    made = oncall("key", "create", "web", "vo", "--tool", "victorops", "--key", "7f3e2d1c-old", "--json").json()

    assert (made["key"], made["url"].rpartition("/")[2]) == ("7f3e2d1c-old", "7f3e2d1c-old")


def test_a_key_that_is_not_there_is_an_error(oncall: Oncall) -> None:
    assert "no key “lost”" in oncall("key", "test", "web", "lost").err
