"""What changed before an alert, in the words of each kind of contact method."""

import pytest

from notifiers.kind import PageFacts, PastChange
from notifiers.registry import KINDS

DEPLOY, FLAG = PastChange("deploy web #4711 by bob", "4 min"), PastChange("flag new-cart on", "20 min")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("sms", ". deploy web #4711 by bob, 4 min before. Reply 12a"),
        ("voice", "Error rate high. 4 minutes before: deploy web 4711 by bob."),
        ("irc", "Error rate high. deploy web #4711 by bob, 4 min before. !ack 12"),
        ("email", "Changed before:\ndeploy web #4711 by bob, 4 min before\nflag new-cart on, 20 min before\n\n"),
        ("apprise", "Changed before:\ndeploy web #4711 by bob, 4 min before\nflag new-cart on, 20 min before\n\n"),
        ("slack", "Error rate high\ndeploy web #4711 by bob, 4 min before\nflag new-cart on, 20 min before\nAlert 12"),
        ("webhook", '"changes": ["deploy web #4711 by bob, 4 min before", "flag new-cart on, 20 min before"]'),
    ],
)
def test_every_kind_says_what_changed(kind: str, words: str) -> None:
    assert words in KINDS[kind].page(PageFacts(12, "Error rate high", "web", "critical", changes=(DEPLOY, FLAG)))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_whatever_its_words_for_how_long_before_is_said(kind: str) -> None:
    endless = PastChange("release\n" * 2000, "4 min")
    said = KINDS[kind].page(PageFacts(12, "Error rate high", "web", "critical", changes=(endless,)))
    assert ("4 minutes before" if kind == "voice" else "4 min before") in said
