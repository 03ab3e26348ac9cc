"""Where our own address is not the one that senders have: links to the next page lead to theirs."""

import pytest

from oncall.settings import Settings
from tests.web.opsgenie.conftest import Sender

PUBLIC = "https://oncall.example.com/pager"


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    return sqlite_settings.model_copy(update={"public_url": PUBLIC})


def test_the_next_page_is_at_the_address_that_the_outside_has(sender: Sender) -> None:
    number = sender.create("a")
    sender.create("b")
    for note in ("one", "two"):
        sender.do("POST", f"{number}/notes", {"note": note})

    alerts = sender.get("/alerts", limit=1, query="status:open")["paging"]
    notes = sender.get(f"/alerts/{number}/notes", limit=1)["paging"]

    assert alerts["next"] == f"{PUBLIC}/v2/alerts?query=status%3Aopen&offset=1&limit=1"
    assert notes["next"].startswith(f"{PUBLIC}/v2/alerts/{number}/notes?limit=1&offset=")
    assert notes["first"] == f"{PUBLIC}/v2/alerts/{number}/notes?limit=1"
