"""What Twilio posts to us. Each is checked against its signature before anything is read from it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

import structlog
from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from notifiers import twilio_callback, twilio_twiml
from notifiers.registry import KINDS
from notifiers.speech import answer_speech
from oncall.delivery import links, receipts, replies, updates
from oncall.delivery.accounts import twilio_accounts
from oncall.errors import BadInput, Forbidden
from oncall.models import Delivery
from oncall.running.runtime import Runtime
from web import ids
from web.forms import LARGEST_BODY, SentForm
from web.refusals import refusals

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/callbacks/twilio", tags=["callbacks"], max_body_size=LARGEST_BODY)
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Signed:
    """What an account of ours has posted."""

    account: str
    form: Form


T = TypeVar("T")


async def signed_form(request: Request, sent: SentForm) -> Signed:
    """The posted fields, proven to come from the provider. Raises Forbidden otherwise."""
    runtime: Runtime = request.app.state.runtime
    form = {key: str(value) for key, value in sent.multi_items()}
    path = request.scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
    accounts = {each.account_sid: each for each in twilio_accounts(runtime.settings)}
    account = accounts.get(form.get("AccountSid", ""))
    signature = request.headers.get("x-twilio-signature", "")
    url = runtime.settings.public_url + path
    if account is None or not twilio_callback.is_genuine(account.auth_token, url, form, signature):
        log.warning("callback.forged", path=request.url.path, account=account.name if account else "unknown")
        raise Forbidden("The signature does not match. Check ONCALL_PUBLIC_URL and the account's auth token.")
    return Signed(account.name, form)


SignedForm = Annotated[Signed, Depends(signed_form)]
DeliveryId = Annotated[int, Query(ge=1, le=ids.LARGEST)]


@router.post("/sms", summary="A text that somebody sent us", responses=refusals(400, 403))
def sms(request: Request, posted: SignedForm) -> Response:
    text = _read(twilio_callback.inbound_text, posted.form)
    with _writing(request) as (session, now):
        answer = replies.answer_text(session, "sms", text.sender, text.body, text.provider_id, now)
    return _twiml(twilio_twiml.reply_twiml(KINDS["sms"].notice(answer)))


@router.post("/voice", summary="A call was answered, or a key was pressed", responses=refusals(400, 403))
def voice(request: Request, delivery: DeliveryId, posted: SignedForm) -> Response:
    runtime: Runtime = request.app.state.runtime
    form = posted.form
    action_url = links.voice_callback(runtime.settings, delivery)
    key = form.get("Digits", "")
    with _writing(request) as (session, now):
        called = session.get(Delivery, delivery)
        if called is None or not called.attempts or called.kind != "voice":  # or a backup was restored meanwhile
            return _twiml(twilio_twiml.say_twiml("This call is not known here. Goodbye."))
        is_told = not key or twilio_twiml.KEYS.get(key) == "repeat"
        if is_told and (answered := updates.answered_meanwhile(session, called, now)):
            return _twiml(twilio_twiml.answered_twiml(called.body, answer_speech(answered)))
        if twilio_callback.is_voicemail(form.get("AnsweredBy")):
            return _twiml(twilio_twiml.voicemail_twiml(called.body))
        if called.alert_id is None:
            return _twiml(twilio_twiml.twice_twiml(called.body))
        if is_told:
            return _twiml(twilio_twiml.page_twiml(called.body, action_url))
        if twilio_twiml.KEYS.get(key) not in replies.DO:
            return _twiml(twilio_twiml.help_twiml(action_url))
        said = replies.answer_key(session, delivery, key, form.get("CallSid", ""), now)
    return _twiml(twilio_twiml.say_twiml(answer_speech(said)))


@router.post("/status", summary="What became of a text or a call", status_code=204, responses=refusals(400, 403))
def status(request: Request, delivery: DeliveryId, posted: SignedForm) -> Response:
    report = _read(twilio_callback.status_report, posted.form)
    with _writing(request) as (session, now):
        receipts.record_receipt(session, delivery, report, now, posted.account)
    return Response(status_code=204)


@contextmanager
def _writing(request: Request) -> Iterator[tuple[Session, datetime]]:
    """One transaction; the engine is woken after it."""
    runtime: Runtime = request.app.state.runtime
    with runtime.database.transaction() as session:
        yield session, runtime.clock()
    runtime.wake.set()


def _read(read: Callable[[Form], T], form: Form) -> T:
    try:
        return read(form)
    except ValueError as error:
        raise BadInput(str(error)) from None


def _twiml(body: str) -> Response:
    return Response(body, media_type="application/xml")
