"""Connecting Twilio: the lines to set, the address to paste, whether Twilio knows us, and a text or call to try it.

Nothing is stored: secrets stay in the environment of the process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.responses import Response

from notifiers.base import SendFailure
from notifiers.registry import KINDS
from notifiers.twilio_check import fine, look, wrong
from notifiers.twilio_client import FIRST, TwilioAccount
from oncall.auth.permissions import Permission
from oncall.delivery.accounts import twilio_accounts
from oncall.delivery.links import sms_webhook
from oncall.delivery.rules import is_usable
from oncall.people import contact_tests, contacts
from oncall.people.people import methods_of
from oncall.settings import Settings
from web.addresses import base_url
from web.edge import Caller, Page
from web.ids import Id
from web.pages.page import carry_out, lead_to, show

router = APIRouter(prefix="/setup/twilio")

HERE = "/setup/twilio"
EXAMPLE = "https://oncall.example.com"
PHONES = ("sms", "voice")


@dataclass(frozen=True, slots=True)
class Line:
    """A setting. `example`: what it is to be like; `shown`: what the running process has, a secret never whole."""

    name: str
    example: str
    where: str
    shown: str = ""


def lines_of(settings: Settings, address: str) -> list[Line]:
    """Pure. `address`: by which the outside may reach us."""
    sid, token = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    number, public = settings.twilio_from, settings.public_url
    console = "Twilio’s console, Account info"
    return [
        Line("ONCALL_TWILIO_ACCOUNT_SID", "AC…", f"{console}: Account SID", f"AC…{sid[-4:]}" if sid else ""),
        Line("ONCALL_TWILIO_AUTH_TOKEN", "…", f"{console}: Auth Token", "set, and kept secret" if token else ""),
        Line("ONCALL_TWILIO_FROM", "+1…", "A number that you have there, which can text and call", number),
        Line("ONCALL_PUBLIC_URL", address, "Where Twilio, and phones, reach this page from outside", public),
    ]


def is_local(address: str) -> bool:
    """Pure: whether it means this machine alone."""
    host = urlsplit(address).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


@router.get("")
def connect(edge: Page) -> Response:
    settings = edge.runtime.settings
    reached_at = base_url(edge)
    address = EXAMPLE if is_local(reached_at) and not settings.public_url else reached_at
    lines = lines_of(settings, address)
    with edge.reading(Permission.ADMINISTER) as caller:
        phones = [each for each in methods_of(caller.session, caller.user) if each.kind in PHONES]
        tests = contact_tests.last_tests(caller.session, phones)
        context: Mapping[str, object] = {
            "lines": lines,
            "missing": "\n".join(f"{each.name}={each.example}" for each in lines if not each.shown),
            "is_set_up": settings.has_twilio,
            "webhook": sms_webhook(address),
            "is_local": is_local(settings.public_url),
            "phones": [(each, is_usable(each), tests.get(each.id or 0)) for each in phones],
            "said_of": contact_tests.said_of,
        }
    return show(edge, caller, "admin/connect_twilio.html", dict(context))


@router.post("/check")
def check(edge: Page) -> Response:
    """Twilio is asked outside of any transaction."""
    settings = edge.runtime.settings
    with edge.writing(Permission.ADMINISTER):
        accounts = twilio_accounts(settings)
    told = [(account, *_checked(account, sms_webhook(settings.public_url))) for account in accounts]
    if not told:
        return lead_to(HERE, "Nothing to check yet: set the lines below, and start the server again.", refused=True)
    said = " ".join(_of(account, sentence) for account, _, sentence in told)
    return lead_to(HERE, said, refused=any(is_wrong for _, is_wrong, _ in told))


def _checked(account: TwilioAccount, webhook: str) -> tuple[bool, str]:
    """Whether something is wrong, and the sentence."""
    number = account.from_number
    try:
        seen = look(account)
    except SendFailure as failure:
        return True, f"{failure.reason}."
    problem = wrong(seen, number, webhook)
    return bool(problem), problem or fine(seen, number, webhook)


def _of(account: TwilioAccount, sentence: str) -> str:
    return sentence if account.name == FIRST else f"{account.name}: {sentence}"


@router.post("/try/{method_id}")
def try_out(edge: Page, method_id: Id) -> Response:
    def work(caller: Caller) -> str:
        method = contacts.own_method(caller.session, caller.user, method_id)
        contact_tests.send_test(caller.session, method, caller.now)
        return f"On its way to {KINDS[method.kind].shown(method.address)}. What becomes of it is said below."

    return carry_out(edge, Permission.ACT, f"{HERE}#try", work)
