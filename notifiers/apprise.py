"""The long tail of services, through Apprise: ntfy, Pushover, Telegram, Teams, Mattermost, Matrix, …

Where a host that somebody typed leads is looked at just before something is sent there. Apprise then looks the name up
for itself, which a name server that gives two answers could abuse; a webhook is connected to what was looked at.

The library is loaded when it is first needed: ten megabytes and a fifth of a second that most installations never use.
"""

import logging
import re
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from notifiers.apprise_account import AppriseAccount
from notifiers.base import Message, PermanentFailure, Receipt, SendFailure, StatusReport, TemporaryFailure
from notifiers.http_answers import is_passing
from notifiers.kind import Accounts, Kind
from notifiers.letter import ANSWER, bundle_letter, code_letter, notice_letter, page_letter
from notifiers.public_http import PrivateAddress
from notifiers.secret_address import masked

if TYPE_CHECKING:
    from apprise import AppriseResult

    from notifiers.apprise_services import Service

# What the library logs quotes addresses, which are secrets. It is still read here, for the status of an answer.
logging.getLogger("apprise").propagate = False

_STATUS = re.compile(r"error\s*[=:]\s*(\d{3})\b")


class Apprise:
    """Safe in many threads: the library is given a new service for each message."""

    name = "apprise"

    def __init__(self, account: AppriseAccount) -> None:
        self._account = account

    def send(self, message: Message) -> Receipt:
        from apprise import Apprise as Library
        from apprise import NotifyFormat, NotifyType

        title, _, text = message.body.partition("\n\n")
        answer = f"\n\n{ANSWER}\n{message.answer_url}" if message.answer_url else ""
        library = Library()
        library.add(self._service(message.to).plugin)
        result = library.notify(
            title=title,
            body=text + answer,
            notify_type=NotifyType.WARNING if message.alert else NotifyType.INFO,
            body_format=NotifyFormat.TEXT,
        )
        if not result:
            raise _failure(result)
        return Receipt(message.fingerprint)

    def find(self, message: Message, since: datetime, known: Collection[str] = ()) -> Receipt | None:
        """None: the services can't be asked through the library."""
        return None

    def status(self, provider_id: str) -> StatusReport:
        return StatusReport(provider_id, "sent")

    def _service(self, url: str) -> "Service":
        """Raises SendFailure. A newer library may know an address no more that was stored by an older one."""
        from notifiers.apprise_services import service_at

        try:
            service = service_at(url, self._account.timeout_seconds)
            if not self._account.may_be_private:
                service.check_is_public()
        except PrivateAddress:
            raise PermanentFailure("The Apprise address leads into a private network, which is refused") from None
        except OSError:
            raise TemporaryFailure("The host of the Apprise address is not known just now") from None
        except ValueError as error:
            raise PermanentFailure(f"The Apprise address {error}") from None
        return service


def _failure(result: "AppriseResult") -> SendFailure:
    """The library says yes or no; why not is in what it logs, as far as it knows."""
    from apprise import AppriseResultStatus

    if result.status is AppriseResultStatus.TIMEOUT:
        return TemporaryFailure("The service did not answer in time", maybe_accepted=True)
    found = [int(status) for entry in result.logs() for status in _STATUS.findall(entry.message)]
    if found and not any(map(is_passing, found)):
        return PermanentFailure(f"The service refused the message ({found[-1]})")
    if found:
        return TemporaryFailure(f"The service answered {found[-1]}")
    return TemporaryFailure("The service can't be reached, or did not take the message", maybe_accepted=True)


def apprise_address(text: str) -> str:
    """Raises ValueError with the end of a sentence about the address."""
    from notifiers.apprise_services import service_at

    service_at(text.strip())
    return text.strip()


def _make(accounts: Accounts) -> Apprise | None:
    return Apprise(accounts.apprise) if accounts.apprise else None


KIND = Kind(
    name="apprise",
    label="Apprise message",
    example="ntfy://topic",
    address=apprise_address,
    page=page_letter,
    bundle=bundle_letter,
    notice=notice_letter,
    code=code_letter,
    make=_make,
    not_set_up="Apprise is not set up",
    shown=masked,
)
