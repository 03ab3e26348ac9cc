"""A team's integration key made and revoked; its rules have a page of their own."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.config.problems import BadConfig
from oncall.config.values import check_name
from oncall.errors import BadInput, Conflict
from oncall.names import checked
from oncall.rota.feeds import find_team
from oncall.setup.team_keys import list_team_keys, revoke_team_key, set_team_key
from web.edge import Caller, Page
from web.pages.page import back_to, carry_out
from web.pages.standing import Wrong

router = APIRouter()


@router.post("/suppressed/keys")
def make_key(
    edge: Page,
    name: Annotated[str, Form()] = "",
    team: Annotated[str, Form()] = "",
    tool: Annotated[str, Form()] = "",
    service: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
) -> Response:
    made = False

    def work(caller: Caller) -> str:
        nonlocal made
        named = checked(check_name, name, "name")
        rows = list_team_keys(caller.session, find_team(caller.session, team))
        if any(row.key.name == named for row in rows):
            raise Conflict(f"Team {team} has a key “{named}” already: choose another name.", field="name")
        fields = {"tool": tool, "service": service, "key": key.strip()}
        try:
            set_team_key(caller.session, team, named, fields, caller.now)
        except BadConfig as refused:
            raise _named(refused) from None
        made = True
        return f"“{named}” is made: all that comes by it goes to {service} until a rule says otherwise."

    back = carry_out(edge, Permission.ADMINISTER, back_to("suppressed", fragment="new-key"), work, form="new-key")
    if made:
        back.headers["location"] = back_to("teams", team, "keys", name.strip()) + "?shown=1"
    return back


def _named(refused: BadConfig) -> BadInput:
    """Beside the field of this form that it is about."""
    found = Wrong.of(refused)
    field, said = next(iter(found.fields.items()), ("", refused.detail))
    return BadInput(said, field=field.rpartition(".")[2])


@router.post("/teams/{team}/keys/{name}/revoke")
def revoke(edge: Page, team: str, name: str, confirm: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        revoke_team_key(caller.session, team, name, caller.now, confirm=bool(confirm))
        return f"“{name}” is revoked: what is sent there is refused from now on."

    return carry_out(edge, Permission.ADMINISTER, back_to("suppressed"), work)
