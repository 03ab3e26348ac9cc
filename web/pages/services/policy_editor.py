"""An escalation policy made or edited in a form: its steps are added and moved with nothing saved."""

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from oncall.auth.setup_rights import check_edits_policy
from oncall.config.plan import Change
from oncall.config.policy_forms import PolicyForm
from oncall.setup import words
from web.edge import Caller, Page, PageEdge
from web.pages.editing import base_of, save_or_show, stored
from web.pages.page import back_to, lead_to, show
from web.pages.services.policy_form import Typed, changed, fields_of, sent, typed_of
from web.pages.services.target_choices import target_choices
from web.pages.standing import Standing

router = APIRouter(prefix="/policy-editor")

SECTION = "escalation_policies"


@router.get("")
def editor(edge: Page, name: str = "") -> Response:
    """`name` empty: a new one."""
    with edge.reading(at_one_moment=True) as caller:
        check_edits_policy(caller.session, caller.user, name)
        found = stored(caller.session, SECTION, name)
        typed = typed_of(found) if isinstance(found, PolicyForm) else Typed()
        return _shown(edge, caller, typed, Standing(base_of(found)))


@router.post("")
def edit(edge: Page) -> Response:
    typed, what, base = sent(edge.form), str(edge.form.get("do", "save")), str(edge.form.get("base", ""))
    if what != "save":
        with edge.reading() as caller:
            check_edits_policy(caller.session, caller.user, typed.name if base else "")
            return _shown(edge, caller, changed(typed, what), Standing(base))

    def saved(changes: Sequence[Change]) -> Response:
        said = "; ".join(words.changes(changes))
        kept = f"Kept{': ' + said if said else ''}. Open alerts go on as they began."
        return lead_to(back_to("policies", typed.name), kept)

    return save_or_show(
        edge,
        SECTION,
        typed.as_config(),
        check=lambda caller: check_edits_policy(caller.session, caller.user, typed.name),
        shown=lambda caller, standing: _shown(edge, caller, typed, standing),
        saved=saved,
    )


def _shown(edge: PageEdge, caller: Caller, typed: Typed, standing: Standing) -> Response:
    context = {"typed": typed, "choices": target_choices(caller.session)}
    context |= standing.shown_with(fields_of(typed))
    return show(edge, caller, "services/policy_editor.html", context, status=standing.status)
