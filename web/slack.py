"""What Slack posts to us: buttons and slash commands. Each is checked against its signature before it is read."""

import json
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from notifiers import slack_callback
from notifiers.slack_answer import tell_member
from oncall.delivery.accounts import slack_account
from oncall.errors import BadInput, Forbidden
from oncall.running.runtime import Runtime
from oncall.slack import answers
from web.forms import LARGEST_BODY, read_form
from web.json_response import JSONResponse
from web.refusals import refusals

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/callbacks/slack", tags=["callbacks"], max_body_size=LARGEST_BODY)
Form = dict[str, str]


async def signed_form(request: Request) -> Form:
    """The posted fields, proven to come from Slack, lately. Raises Forbidden otherwise."""
    runtime: Runtime = request.app.state.runtime
    secret = runtime.settings.slack_signing_secret.get_secret_value()
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not slack_callback.is_genuine(secret, timestamp, await request.body(), signature, runtime.clock()):
        log.warning("callback.forged", path=request.url.path)
        raise Forbidden("The signature does not match or is old. Check ONCALL_SLACK_SIGNING_SECRET and the clock.")
    return {name: str(value) for name, value in (await read_form(request)).multi_items()}


SignedForm = Annotated[Form, Depends(signed_form)]


@router.post(
    "/interactions", summary="A button was pressed in Slack", response_class=Response, responses=refusals(400, 403)
)
def interactions(request: Request, form: SignedForm) -> Response:
    runtime: Runtime = request.app.state.runtime
    pressed = _pressed(form)
    account = slack_account(runtime.settings)
    if pressed is None or account is None:
        return Response()
    with runtime.database.transaction() as session:
        said = answers.press(session, pressed, runtime.clock())
    runtime.wake.set()
    return Response(background=BackgroundTask(tell_member, account, pressed.response_url, said))


@router.post("/commands", summary="Somebody typed /oncall in Slack", responses=refusals(400, 403))
def commands(request: Request, form: SignedForm) -> Response:
    runtime: Runtime = request.app.state.runtime
    try:
        typed = slack_callback.read_command(form)
    except ValueError as error:
        raise BadInput(str(error)) from None
    with runtime.database.transaction() as session:
        said = answers.command(session, typed, runtime.clock())
    runtime.wake.set()
    return JSONResponse({"response_type": "ephemeral", "text": said})


def _pressed(form: Form) -> slack_callback.Press | None:
    try:
        payload = json.loads(form.get("payload", ""))
    except (ValueError, RecursionError):
        raise BadInput("The field payload is no JSON.") from None
    try:
        return slack_callback.read_press(payload)
    except ValueError as error:
        raise BadInput(str(error)) from None
