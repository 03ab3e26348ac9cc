"""How I am reached: contact methods with their codes, and the rules that say which is used when."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from notifiers.registry import KINDS
from oncall.auth.permissions import Permission
from oncall.errors import BadInput, NotFound
from oncall.models import ContactMethod, NotificationRule, Urgency
from oncall.people import contact_tests, contacts
from oncall.people.quiet_hours import set_quiet_hours
from web.edge import Caller, Page
from web.ids import Id, read_id
from web.pages.page import NotDone, carry_out

router = APIRouter(prefix="/me")

METHODS, RULES = "/me/reached#contact-methods", "/me/reached#rules"
ALERTS = {Urgency.HIGH: "Urgent alerts", Urgency.LOW: "Alerts that can wait"}


@router.post("/contact-methods")
def add_method(
    edge: Page,
    name: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    address: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        method = contacts.add_method(caller.session, caller.user, name, kind, address)
        contacts.send_code(caller.session, method, caller.now)
        return f"A code is on its way to {_shown(method)}. Type it below to confirm that it is yours."

    return carry_out(edge, Permission.ACT, METHODS, work, form="add-address")


@router.post("/contact-methods/{method_id}/code")
def send_code(edge: Page, method_id: Id) -> Response:
    def work(caller: Caller) -> str:
        method = contacts.own_method(caller.session, caller.user, method_id)
        contacts.send_code(caller.session, method, caller.now)
        return f"A new code is on its way to {_shown(method)}. It can be typed for 15 minutes."

    return carry_out(edge, Permission.ACT, METHODS, work)


@router.post("/contact-methods/{method_id}/test")
def send_test(edge: Page, method_id: Id) -> Response:
    def work(caller: Caller) -> str:
        method = contacts.own_method(caller.session, caller.user, method_id)
        contact_tests.send_test(caller.session, method, caller.now)
        return f"A test message is on its way to {_shown(method)}. Reload this page to see what became of it."

    return carry_out(edge, Permission.ACT, METHODS, work)


@router.post("/contact-methods/{method_id}/verify")
def verify(edge: Page, method_id: Id, code: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        method = contacts.own_method(caller.session, caller.user, method_id)
        if contacts.verify(caller.session, method, code, caller.now):
            return f"{method.name} is confirmed: pages can reach you there."
        left = contacts.CODE_TRIES - method.code_tries
        if not left:
            return NotDone("That is not the code, and it can't be tried any more. Send a new one.")
        return NotDone(f"That is not the code. {left} {'try' if left == 1 else 'tries'} left; or send a new one.")

    return carry_out(edge, Permission.ACT, METHODS, work)


@router.post("/contact-methods/{method_id}/delete")
def delete_method(edge: Page, method_id: Id, confirm: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        method = contacts.own_method(caller.session, caller.user, method_id)
        contacts.remove_method(caller.session, method, caller.now, confirm=bool(confirm))
        return f"{method.name} is removed, with its notification rules."

    return carry_out(edge, Permission.ACT, METHODS, work)


@router.post("/rules")
def add_rule(
    edge: Page,
    urgency: Annotated[str, Form()] = "",
    method_id: Annotated[str, Form()] = "",
    minutes: Annotated[str, Form()] = "",
) -> Response:
    def work(caller: Caller) -> str:
        number = read_id(method_id)
        if urgency not in set(Urgency):
            raise BadInput("Choose which alerts the rule is for.", field="urgency")
        if number is None:
            raise BadInput("Choose one of your contact methods.", field="method_id")
        method = contacts.own_method(caller.session, caller.user, number)
        after = _minutes(minutes)
        contacts.add_rule(caller.session, caller.user, method, Urgency(urgency), 60 * after)
        return f"{ALERTS[Urgency(urgency)]} reach you by {method.name} {f'after {after} min' if after else 'at once'}."

    return carry_out(edge, Permission.ACT, RULES, work, form="add-rule")


@router.post("/rules/{rule_id}/delete")
def delete_rule(edge: Page, rule_id: Id) -> Response:
    def work(caller: Caller) -> str:
        rule = caller.session.get(NotificationRule, rule_id)
        if rule is None or rule.user_id != caller.user_id:
            raise NotFound("You have no such notification rule.")
        caller.session.delete(rule)
        return "The rule is removed."

    return carry_out(edge, Permission.ACT, RULES, work)


@router.post("/quiet-hours")
def quiet_hours(edge: Page, hours: Annotated[str, Form()] = "", timezone: Annotated[str, Form()] = "") -> Response:
    def work(caller: Caller) -> str:
        set_quiet_hours(caller.session, caller.user, hours, timezone)
        if caller.user.quiet_hours is None:
            return "You have no quiet hours: alerts that can wait reach you at any time."
        return f"Alerts that can wait do wait for you, {caller.user.quiet_hours}. Urgent ones never do."

    return carry_out(edge, Permission.ACT, RULES, work, form="quiet-hours")


def _shown(method: ContactMethod) -> str:
    return KINDS[method.kind].shown(method.address)


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise BadInput("Say after how many minutes: a whole number from 0 to 1440.", field="minutes")
    return int(text)
