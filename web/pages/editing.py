"""One object of the config edited in a form: saved as `oncall apply` saves it, and never over what somebody else did.

The form carries what it was filled in from. Where that is no longer so when it comes back, whoever sent it is shown
what has changed meanwhile, with what they typed still in the form.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.form import Form
from oncall.config.load import load
from oncall.config.plan import Change, difference
from oncall.config.schema import KINDS, AddressForm, Config, NoticesForm, TeamForm, UserForm
from oncall.errors import BadInput, Conflict, NeedsConfirmation, NotFound
from oncall.installation import lock_plans
from oncall.setup import words
from web.edge import Caller, PageEdge
from web.errors import translating
from web.pages.page import ask
from web.pages.standing import Standing, Wrong

Written: TypeAlias = dict[str, Any]
"""An object, as the config file has it; what it does not say stays as it is."""
ELSEWHERE = {"integration_keys": [], "key": "", "rotations": [], "overrides": []}
"""Fields that are not edited here, some of them secret."""


class EditedMeanwhile(Exception):
    """`changes`: what somebody else did, in the words of the config. `now`: how it stands."""

    def __init__(self, changes: Sequence[str], now: Form | None) -> None:
        super().__init__()
        self.changes, self.now = changes, now


def save_or_show(
    edge: PageEdge,
    section: str,
    written: Written,
    *,
    check: Callable[[Caller], None],
    shown: Callable[[Caller, Standing], Response],
    saved: Callable[[Sequence[Change]], Response],
    key: str = "name",
) -> Response:
    """Answers a form: `saved`, or `shown` again with what is wrong with it, or with what somebody else changed.

    `key`: the field by which it is found. `check` raises Forbidden. What would make things worse for those on call is
    asked about first.
    """
    base = str(edge.form.get("base", ""))
    try:
        with translating(IntegrityError), edge.writing(Permission.ACT) as caller:
            changes = _save(
                caller, section, base, written, written[key], check, confirm=edge.form.get("confirm") == "yes"
            )
    except NeedsConfirmation as question:
        begun = urlencode({key: written[key]} if base else {})
        return ask(edge, f"{edge.request.url.path}?{begun}", question)
    except EditedMeanwhile as other:
        standing = Standing(base_of(other.now), changes=other.changes, status=Conflict.status)
    except (BadInput, Conflict) as refused:
        standing = Standing(base, Wrong.of(refused), status=refused.status)
    else:
        return saved(changes)
    with edge.reading() as caller:
        return shown(caller, standing)


def _save(
    caller: Caller,
    section: str,
    base: str,
    written: Written,
    name: str,
    check: Callable[[Caller], None],
    *,
    confirm: bool,
) -> list[Change]:
    lock_plans(caller.session)
    current = export(caller.session)
    now = find(current, section, name)
    if now is not None and not base:
        raise Conflict(f"{now.key_name} has been made already: choose another name, or edit that one.", field="name")
    check(caller)
    if base_of(now) != base:
        raise EditedMeanwhile(_changes(section, base, now), now)
    wanted, zone = load(json.dumps({section: [written]}), current), ZoneInfo(caller.user.timezone)
    return apply(caller.session, wanted, caller.now, confirm=confirm, told_in=zone)


def find(current: Config, section: str, name: str) -> Form | None:
    forms: Sequence[Form] = getattr(current, section)
    return next((form for form in forms if form.key_name == name), None)


def stored(session: Session, section: str, name: str) -> Form | None:
    """What a form begins with: nothing for a new one, which has no name yet. Raises NotFound."""
    found = find(export(session, [section]), section, name) if name else None
    if name and found is None:
        raise NotFound(f"There is no {KINDS[section]} {name}. It may have another name now.")
    return found


def base_of(form: Form | None) -> str:
    """For the form to carry: what it is filled in from; of addresses, which may be secret, only a mark."""
    if form is None:
        return ""
    addresses = [method.address for method in form.contact_methods] if isinstance(form, TeamForm) else []
    mark = hashlib.sha256(json.dumps(addresses).encode()).hexdigest()[:16] if addresses else ""
    return json.dumps({"was": _without_secrets(form).model_dump(mode="json"), "mark": mark})


def _without_secrets(form: Form) -> Form:
    given: dict[str, Any] = {name: nothing for name, nothing in ELSEWHERE.items() if name in type(form).model_fields}
    if isinstance(form, UserForm):
        given |= {"contact_methods": [], "notification_rules": [], "notices": NoticesForm(), "quiet_hours": None}
    if isinstance(form, TeamForm):
        given["contact_methods"] = [_unaddressed(each) for each in form.contact_methods]
    return form.model_copy(update=given)


def _unaddressed(method: AddressForm) -> AddressForm:
    return AddressForm.model_construct(name=method.name, kind=method.kind)


def _changes(section: str, base: str, now: Form | None) -> list[str]:
    if now is None:
        return ["it is gone"]
    try:
        before = Config.model_validate({section: [json.loads(base)["was"]]})
    except (ValueError, KeyError, TypeError):
        return ["what this form was filled in from can't be read: look through it before you save it"]
    after = Config.model_validate({section: [json.loads(base_of(now))["was"]]})
    return words.changes(difference(before, after)) or ["an address is another one now"]
