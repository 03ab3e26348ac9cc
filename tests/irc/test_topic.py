"""The channel's topic: ours before the separator, what people wrote behind it."""

import pytest

from oncall.irc.topic import topic

OURS = "dev: alice (L1) bob (L2) until Thu 26 Nov 10:00 EST"


@pytest.mark.parametrize(
    ("current", "wanted"),
    [
        ("", f"{OURS} ||"),
        ("Outage talk only", f"{OURS} || Outage talk only"),
        ("dev: carol (L1) || Outage talk only", f"{OURS} || Outage talk only"),
        (f"{OURS} ||", f"{OURS} ||"),
        ("old || a || b", f"{OURS} || a || b"),
    ],
)
def test_what_people_wrote_stays(current: str, wanted: str) -> None:
    assert topic(OURS, current, 300) == wanted
    assert topic(OURS, wanted, 300) == wanted


def test_ours_gives_way_to_what_people_wrote() -> None:
    assert topic("dev: alice (L1)", "|| Outage talk only", 31) == "dev: ali… || Outage talk only"
    assert len(topic("dev: Ж", "||" + "Ж" * 300, 40).encode()) <= 40
