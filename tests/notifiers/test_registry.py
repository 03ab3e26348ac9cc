"""Which notifier serves which kind, set up or not."""

from io import StringIO

import pytest

from notifiers.base import PermanentFailure, Receipt, TemporaryFailure
from notifiers.console import Console
from notifiers.kind import Accounts
from notifiers.registry import KINDS, notifiers_for
from tests.fake_twilio import FakeTwilio
from tests.notifiers.conftest import ALICE, BEFORE, account, page


def test_every_kind_has_a_notifier_of_its_name_however_we_are_set_up(twilio: FakeTwilio) -> None:
    nobody, everybody = Accounts(), Accounts((account(twilio),))
    for notifiers in (notifiers_for(nobody), notifiers_for(everybody), notifiers_for(nobody, console=True)):
        assert {kind: notifier.name for kind, notifier in notifiers.items()} == {kind: kind for kind in KINDS}


@pytest.mark.parametrize("kind", ["sms", "voice"])
def test_a_kind_that_is_not_set_up_fails_for_good_and_says_how_to_mend_it(kind: str) -> None:
    notifier = notifiers_for(Accounts())[kind]
    assert notifier.find(page(), since=BEFORE) is None
    with pytest.raises(PermanentFailure, match="not set up: set ONCALL_TWILIO_ACCOUNT_SID"):
        notifier.send(page())
    with pytest.raises(TemporaryFailure, match="not set up"):
        notifier.status("SM1")


def test_the_console_shows_each_message_on_a_line() -> None:
    stream = StringIO()
    console = Console("sms", stream)
    first, second = console.send(page(body="Disk full")), console.send(page(body="Disk still full"))
    assert stream.getvalue() == f"[sms to {ALICE}] Disk full\n[sms to {ALICE}] Disk still full\n"
    assert first.delivered
    assert first.provider_id != second.provider_id
    assert console.status(first.provider_id).state == "delivered"


def test_the_console_remembers_nothing() -> None:
    console = Console("sms", StringIO())
    assert isinstance(console.send(page()), Receipt)
    assert console.find(page(), since=BEFORE) is None
