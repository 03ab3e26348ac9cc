"""What happens to an alert from now on if nobody does anything: the engine's own decisions, made ahead.

`decide` is asked for each moment at which a step falls due, about whoever is on call then. Nothing is written, not even
to be thrown away as `preview` does it: this is looked at in the middle of a storm.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from oncall.alerts.urgency import rule_of
from oncall.delivery.holding import held_back
from oncall.delivery.outbox import Reach
from oncall.delivery.rules import Planned
from oncall.escalation.decide import STARTING_AGAIN, Decision, PageOrder, Position, Post, Recipient, SoFar, decide
from oncall.escalation.history import History
from oncall.escalation.policies import policy_of
from oncall.escalation.progress import paging_begun, position_of
from oncall.escalation.targets import Resolutions
from oncall.lifecycle.alert import AlertStatus
from oncall.maintenance.holding import held_until, windows_of
from oncall.models import Alert, Service, Urgency

MOST_STEPS = 15
"""A policy can go on for days: that much shows how."""
MOST_TOLD = 100
"""The same for one that pages a large team again and again; the step that reaches it is shown whole."""


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who will be paged, and every message and call that it will take."""

    recipient: Recipient
    ways: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class StepAhead:
    """No `people`: nobody can be paged then. `next_at` None: nothing more will happen by itself."""

    at: datetime
    round: int
    people: tuple[Told, ...]
    posts: tuple[Post, ...]
    notes: tuple[str, ...]
    acknowledgements: int
    """How many are needed to stop what follows."""
    closing: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Standing:
    """What of an alert its steps change."""

    position: Position
    urgency: Urgency
    rises_at: datetime | None
    so_far: SoFar
    acknowledgements: int


def course(session: Session, alert: Alert, now: datetime) -> list[StepAhead]:
    """Until it ends, is resolved by itself, or is long enough. What was said before is not said again."""
    said: set[str] = set()
    steps: list[StepAhead] = []
    for step in steps_ahead(session, alert, now):
        is_over = alert.resolves_at is not None and step.at >= alert.resolves_at
        if is_over or sum(len(each.people) for each in steps) >= MOST_TOLD:
            break
        new = tuple(note for note in step.notes if note not in said)
        said.update(new)
        if step.people or step.posts or new or step.closing:
            steps.append(replace(step, notes=new))
    return steps


def steps_ahead(session: Session, alert: Alert, now: datetime) -> Iterator[StepAhead]:
    """One by one, so that whoever wants the next alone pays for no more."""
    if alert.next_step_at is None:
        return
    policy, standing, resolutions = policy_of(session, alert), _standing_of(session, alert), Resolutions(session, now)
    at: datetime | None = max(now, alert.next_step_at)
    is_held = alert.maintenance_id is not None and not paging_begun(session, [alert.id])
    windows = windows_of(session, alert, now) if is_held else ()
    for _ in range(MOST_STEPS):
        if at is None:
            return
        if end := held_until(alert, windows, at):
            at = end
            continue
        standing, risen = _risen(session, alert, standing, at)
        resolutions = resolutions.at(at)
        decision = decide(policy, standing.position, at, resolutions, "", standing.so_far)
        people = tuple(_told(order, resolutions.reach, standing.urgency, at) for order in decision.pages)
        windows = () if people else windows
        standing = _moved(standing, decision)
        next_at = _next_at(decision, people, standing)
        yield _step(at, decision, people, risen, standing, next_at)
        at = next_at


def _standing_of(session: Session, alert: Alert) -> _Standing:
    """Where its next step finds it: one that was acknowledged begins anew, and everybody is asked again."""
    so_far, position = History(session, [alert]).of(alert), position_of(alert)
    if alert.status is AlertStatus.ACKNOWLEDGED:
        so_far, position = replace(so_far, acknowledged=frozenset()), Position()
    return _Standing(position, alert.urgency, alert.urgency_rises_at, so_far, alert.acknowledgements_needed)


def _risen(session: Session, alert: Alert, standing: _Standing, at: datetime) -> tuple[_Standing, tuple[str, ...]]:
    """Once support hours have begun: urgent, and from the first step. With what is said then."""
    if standing.rises_at is None or standing.rises_at > at:
        return standing, ()
    service = session.get_one(Service, alert.service_id)
    urgency, rises_at = rule_of(service.urgency, service.support_hours).at_trigger(alert.severity, at)
    if urgency is not Urgency.HIGH:
        return replace(standing, rises_at=rises_at), ()
    note = "Support hours have begun: it is urgent then, and pages from the first step"
    return replace(standing, urgency=urgency, rises_at=rises_at, position=Position()), (note,)


def _told(order: PageOrder, reach: Reach, urgency: Urgency, at: datetime) -> Told:
    to = order.recipient
    return Told(to, tuple(reach.ways_of(to.user_id, urgency, at + to.delay, is_shadow=to.is_shadow)))


def _moved(standing: _Standing, decision: Decision) -> _Standing:
    turns = dict(standing.so_far.turns)
    for order in decision.pages:
        if order.takes_turn:
            latest = max((number for (step, _), number in turns.items() if step == order.step), default=0)
            turns[order.step, order.recipient.user_id] = latest + 1
    needed = decision.acknowledgements or standing.acknowledgements
    so_far = replace(standing.so_far, turns=turns)
    return replace(standing, position=decision.position, so_far=so_far, acknowledgements=needed)


def _next_at(decision: Decision, people: tuple[Told, ...], standing: _Standing) -> datetime | None:
    """Later where quiet hours hold back everybody who is paged; sooner where the urgency rises before."""
    wait = held_back((0, told.ways) for told in people if not told.recipient.is_shadow)
    at = decision.next_at + wait[0] if decision.next_at and wait else decision.next_at
    return min((each for each in (at, standing.rises_at) if each is not None), default=None)


def _step(
    at: datetime,
    decision: Decision,
    people: tuple[Told, ...],
    risen: tuple[str, ...],
    standing: _Standing,
    next_at: datetime | None,
) -> StepAhead:
    number = decision.pages[0].round if decision.pages else decision.position.round
    notes = (*risen, *(note.replace(STARTING_AGAIN, "It starts again, ") for note in decision.notes))
    return StepAhead(at, number, people, decision.posts, notes, standing.acknowledgements, decision.closing, next_at)
