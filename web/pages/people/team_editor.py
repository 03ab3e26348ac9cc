"""A team made or edited in a form: who is in it, who manages it, and where it is posted to."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.responses import Response

from notifiers.registry import KINDS, set_up
from oncall.auth.setup_rights import check_edits_team, may_edit_team
from oncall.config.plan import Change
from oncall.config.schema import TeamForm
from oncall.models import Team, TeamContactMethod, TeamMember, User
from oncall.setup import words
from web.edge import Caller, Page, PageEdge
from web.pages.editing import base_of, save_or_show, stored
from web.pages.page import back_to, lead_to, show
from web.pages.people.team_form import Typed, sent, typed_of
from web.pages.standing import Standing

router = APIRouter(prefix="/team-editor")

SECTION = "teams"


@router.get("")
def editor(edge: Page, name: str = "") -> Response:
    """`name` empty: a new one."""
    with edge.reading(at_one_moment=True) as caller:
        check_edits_team(caller.session, caller.user, name)
        found = stored(caller.session, SECTION, name)
        return _shown(
            edge, caller, typed_of(found) if isinstance(found, TeamForm) else Typed(), Standing(base_of(found))
        )


@router.post("")
def edit(edge: Page) -> Response:
    typed, base = sent(edge.form), str(edge.form.get("base", ""))
    edited = typed.name if base else ""
    if edge.form.get("do") == "add":
        with edge.reading() as caller:
            check_edits_team(caller.session, caller.user, edited)
            return _shown(edge, caller, typed, Standing(base))

    def saved(changes: Sequence[Change]) -> Response:
        said = "; ".join(words.changes(changes))
        kept = f"Kept{': ' + said if said else ''}." if base else "The team is there. Give it a service next."
        return lead_to(back_to(SECTION, typed.name), kept)

    return save_or_show(
        edge,
        SECTION,
        typed.as_config(),
        check=lambda caller: check_edits_team(caller.session, caller.user, edited),
        shown=lambda caller, standing: _shown(edge, caller, typed, standing),
        saved=saved,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's, in the form."""

    person: User
    is_member: bool
    is_manager: bool


def _shown(edge: PageEdge, caller: Caller, typed: Typed, standing: Standing) -> Response:
    session = caller.session
    here, kinds = _here(session, typed), set_up(edge.runtime.notifiers)
    people = session.exec(select(User).where(col(User.retired_at).is_(None)).order_by(col(User.name))).all()
    context = {
        "typed": typed,
        "places": _places([person for person in people if person.handle in here], typed),
        "strangers": [person for person in people if person.handle not in here],
        "ways": [(kind.name, kind.label) for kind in kinds],
        "example": ", ".join(dict.fromkeys(kind.example for kind in kinds)),
        "addresses": _stored_addresses(session, typed.name) if may_edit_team(session, caller.user, typed.name) else {},
    }
    context |= standing.shown_with(typed.fields)
    return show(edge, caller, "people/team_editor.html", context, status=standing.status)


def _here(session: Session, typed: Typed) -> set[str]:
    """Also those who would leave, so that they can be put back."""
    rows = select(User.handle).join(TeamMember).join(Team).where(Team.name == typed.name)
    return {*typed.members, *typed.managers, *session.exec(rows)}


def _places(people: Sequence[User], typed: Typed) -> list[Place]:
    """Those who manage it first."""
    places = [Place(each, each.handle in typed.members, each.handle in typed.managers) for each in people]
    return sorted(places, key=lambda place: not place.is_manager)


def _stored_addresses(session: Session, team: str) -> dict[str, tuple[str, str]]:
    """By name what each is, and the address as far as it may be shown."""
    rows = session.exec(select(TeamContactMethod).join(Team).where(Team.name == team))
    return {row.name: (KINDS[row.kind].label, KINDS[row.kind].shown(row.address)) for row in rows}
