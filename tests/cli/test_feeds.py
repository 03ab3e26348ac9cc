"""`oncall feed`."""

import json

from tests.cli.conftest import Oncall


def test_a_link_is_made_once_listed_and_revoked(oncall: Oncall) -> None:
    url = oncall("feed", "make", "carol").out.strip()
    assert url.endswith(".ics")
    assert oncall("feed", "make", "carol").out.strip() == url
    (row,) = json.loads(oncall("feed", "list", "carol", "--json").out)
    assert (row["url"], row["what"]) == (url, "Carol Cohen on call")
    assert "no such calendar link" in oncall("feed", "revoke", "bob", "1").err
    assert (
        oncall("feed", "revoke", "carol", "1").out == "The link of Carol Cohen to “Carol Cohen on call” is revoked.\n"
    )
    assert "no such calendar link" in oncall("feed", "revoke", "carol", "1").err
    assert oncall("feed", "list", "carol").out == "Carol Cohen has no calendar link.\n"


def test_a_link_of_a_level_names_its_schedule(oncall: Oncall) -> None:
    assert "of which schedule" in oncall("feed", "make", "carol", "--level", "L1").err
    assert "not both" in oncall("feed", "make", "carol", "--schedule", "dev", "--team", "dev").err
    assert oncall("feed", "make", "carol", "--schedule", "dev", "--level", "L9").err.startswith(
        "Schedule dev has no level L9"
    )
