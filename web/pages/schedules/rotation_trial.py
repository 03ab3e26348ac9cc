"""What the pages that change rotations share: a change is tried and shown first, and only what was seen is saved."""

from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.models import Schedule
from oncall.planning import rotation_edits
from oncall.planning.rotation_changes import BadRotation, RotationChange
from oncall.rota.plans import find_schedule
from web.edge import Caller, PageEdge
from web.pages.page import back_to, carry_out, lead_to
from web.pages.schedules.rotation_fields import read_json
from web.pages.schedules.rotation_preview import Preview, preview


class Tried(NamedTuple):
    faults: dict[str, str]
    """By field, a sentence; under "" what is about none of them."""
    changed: list[str]
    """What somebody else has changed since the form was opened, a line each."""
    preview: Preview | None
    change: RotationChange | None = None


NOT_TRIED = Tried({}, [], None)


def schedule_to_edit(caller: Caller, name: str) -> Schedule:
    """Raises NotFound or Forbidden."""
    schedule = find_schedule(caller.session, name)
    rotation_edits.check_may_edit(caller.session, caller.user, schedule)
    return schedule


def try_change(caller: Caller, schedule: Schedule, read: Callable[[], RotationChange], sent: FormData) -> Tried:
    """`read`: makes the change of what was typed."""
    try:
        change = read()
        edit = rotation_edits.edit_of(caller.session, schedule, change)
        rotation_edits.check(edit)
        seen = rotation_edits.read_seen(read_json(str(sent.get("seen", ""))))
        changed = rotation_edits.changed_since(edit, seen)
        outcome = rotation_edits.outcome(caller.session, caller.user, schedule, edit, caller.now)
    except BadRotation as bad:
        return Tried(bad.faults, [], None)
    except BadInput as bad:
        return Tried({"": bad.detail}, [], None)
    zone = ZoneInfo(caller.user.timezone)
    return Tried({}, changed, preview(caller.session, change.token, outcome, caller.now, zone), change)


def may_be_saved(tried: Tried, sent: FormData) -> bool:
    """Whether it was asked for, and just this was looked at."""
    is_known = tried.preview and not tried.changed and tried.preview.token == sent.get("looked_at")
    return bool(is_known) and sent.get("do") == "save"


def is_late(tried: Tried, sent: FormData) -> bool:
    """Whether it was to be saved, and is not what was looked at."""
    return sent.get("do") == "save" and not tried.faults


def save(edge: PageEdge, name: str, change: RotationChange, sent: FormData, said: str) -> Response:
    seen, confirmed = str(sent.get("seen", "")), str(sent.get("confirm", ""))
    done: list[str] = []

    def work(caller: Caller) -> None:
        schedule = find_schedule(caller.session, name)
        rotation_edits.save(caller.session, caller.user, schedule, change, seen, confirmed, caller.now)
        done.append(f"{said} Everybody whose shifts change is told.")

    answer = carry_out(edge, Permission.PLAN, edge.request.url.path, work)
    return lead_to(back_to("schedules", name), done[0]) if done else answer
