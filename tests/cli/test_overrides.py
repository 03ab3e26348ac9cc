"""`oncall override` and `oncall shadow`."""

import json

from tests.cli.conftest import Oncall

DAY = ("2099-08-03T09:00Z", "2099-08-04T09:00Z")


def test_an_override_is_added_listed_and_ended(oncall: Oncall) -> None:
    added = oncall("override", "add", "dev", "L1", *DAY, "--user", "bob", "--confirm")
    assert added.out.startswith("Bob Baker on L1 of dev: replace from Mon 2099-08-03"), added

    (item,) = json.loads(oncall("override", "list", "dev", "--json").out)
    assert (item["user"], item["replaces"], item["source"]) == ("bob", None, "override")
    assert oncall("override", "end", str(item["id"])).out == f"Override {item['id']} is ended.\n"
    assert oncall("override", "list").out == "No override is ahead.\n"


def test_an_override_that_leaves_a_gap_is_refused_with_a_sentence(oncall: Oncall) -> None:
    refused = oncall("override", "add", "dev", "L1", *DAY, "--kind", "remove")

    assert refused.code == 1
    assert "Nobody would be on dev L1 from" in refused.err
    assert "Add --confirm if you want it all the same" in refused.err


def test_a_shadow_shift_is_added_listed_and_ended(oncall: Oncall) -> None:
    added = oncall("shadow", "add", "bob", "dev", "L1", *DAY)
    assert added.out == "Bob Baker follows along with L1 of dev. To end it: oncall shadow end 1\n", added

    assert "bob" in oncall("shadow", "list").out
    assert oncall("shadow", "end", "1").out == "Shadow shift 1 is ended.\n"
    assert oncall("shadow", "list").out == "Nobody follows along.\n"
