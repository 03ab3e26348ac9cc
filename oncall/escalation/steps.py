"""Running a step: the decision made, its pages stored, the timeline told, the next due time set. All in one go."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import bindparam, literal_column, true
from sqlmodel import Session, col, func, select

from oncall.db.database import is_outage
from oncall.delivery.outbox import NewPage, NewPost, send_pages, send_posts
from oncall.escalation.decide import Decision, PageOrder, Post, decide
from oncall.escalation.dependents import fold_dependents
from oncall.escalation.history import History
from oncall.escalation.policies import policy_of
from oncall.escalation.progress import begin_again, go_on_at, nobody_knows, position_of
from oncall.escalation.reasons import raise_urgency, why_now
from oncall.escalation.targets import Resolutions
from oncall.installation import hold
from oncall.maintenance.holding import hold_in_maintenance
from oncall.models import Alert, EscalationPolicy, Installation, Service, TimelineKind
from oncall.models.alert import WITHOUT_DETAILS
from oncall.timeline import spell, tell, tell_once, was_told

log = structlog.get_logger(__name__)

BROKEN_WAIT = timedelta(minutes=1)
PAGED, POSTED = "Paged ", "Posted to "
"""How the timeline tells that somebody was paged, or an address of a team's."""
DUE_BATCH, STORM_BATCH = 25, 5
"""Alerts stepped in one transaction; and while so many events come in that they should not have to wait for it."""
NEWEST, IN_TURN = 5, 10
"""When a batch is full, so many other services than those in it have their first alert stepped too, those that have
waited least and those whose turn it is: a storm holds up nobody."""


class Stepped(NamedTuple):
    """How many alerts, and the id of the service after which the next turn begins."""

    alerts: int
    turn: int


def step_due_alerts(
    session: Session, now: datetime, *, most: int = DUE_BATCH, turn: int = 0, one_by_one: bool = False
) -> Stepped:
    """Step every alert that is due, up to `most`, skipping those that another process has.

    `turn`: as the last pass gave it. `one_by_one`: when a mistake of ours stopped the batch, so that one alert does not
    hold up the others.
    """
    rows = _due(session, _DUE, now, most)
    if len(rows) == most:
        rows += _due(session, _NEWEST_ELSEWHERE, now, NEWEST, crowded=_services(rows))
        in_turn = _due(session, _NEXT_ELSEWHERE, now, IN_TURN, crowded=_services(rows), turn=turn)
        rows, turn = rows + in_turn, in_turn[-1][0].service_id if in_turn else turn
    due = _not_held(session, [alert for alert, _ in rows], now)
    if one_by_one:
        for alert in due:
            _step_or_postpone(session, alert, now)
    else:
        _step_all(session, [(alert, why_now(session, alert, now)) for alert in due], now)
    return Stepped(len(rows), turn)


def _services(rows: Sequence[tuple[Alert, EscalationPolicy]]) -> set[int]:
    return {alert.service_id for alert, _ in rows}


def step_alert(session: Session, alert: Alert, now: datetime) -> int:
    """What the engine does when this one is due. Gives how many people are paged."""
    return _step_all(session, [(each, why_now(session, each, now)) for each in _not_held(session, [alert], now)], now)


def _not_held(session: Session, alerts: Sequence[Alert], now: datetime) -> list[Alert]:
    return fold_dependents(session, hold_in_maintenance(session, alerts, now), now)


_at = col(Alert.next_step_at)
_at_without_index = func.coalesce(_at, _at)
"""For what is found by number: as it is, either database would go through all that wait."""
_IS_DUE = _at <= bindparam("now")
_ANY_DUE = (
    select(Alert, EscalationPolicy, Installation)
    .join(EscalationPolicy)
    .join(Installation, true(), isouter=True)
    .limit(bindparam("limit"))
    .with_for_update(of=Alert, skip_locked=True, key_share=True)
    .options(*WITHOUT_DETAILS)
)
"""With their policies, so that `policy_of` need not ask for them, and in one question with the installation's row,
which every step looks at. Made once: making it takes as long as asking it.
"""
_DUE = _ANY_DUE.where(_IS_DUE).order_by(_at)
"""Those that have waited longest."""
_FIRST_OF_SERVICE = (
    select(Alert.id)
    .where(col(Alert.service_id) == col(Service.id), _IS_DUE)
    .order_by(_at)
    .limit(literal_column("1"))  # as a parameter, PostgreSQL takes it for a tenth of all that wait
    .correlate(Service)
    .scalar_subquery()
)
_FIRST_ELSEWHERE = select(_FIRST_OF_SERVICE).where(col(Service.id).not_in(bindparam("crowded", expanding=True)))
_DUE_ELSEWHERE = _ANY_DUE.where(col(Alert.id).in_(_FIRST_ELSEWHERE), _at_without_index <= bindparam("now"))
"""However much waits, each service is one look into an index. Whether it is due is asked twice, since PostgreSQL asks
only the second again of an alert that another engine has stepped since the statement began.
"""
_NEWEST_ELSEWHERE = _DUE_ELSEWHERE.order_by(_at_without_index.desc())
"""Where many services storm, a quiet one's alert has waited least."""
_NEXT_ELSEWHERE = _DUE_ELSEWHERE.order_by(col(Alert.service_id) <= bindparam("turn"), col(Alert.service_id))
"""One round of all of them after the other: an alert among new storms is soon neither the oldest nor the newest."""


def _due(
    session: Session, statement: Any, now: datetime, limit: int, **others: Any
) -> list[tuple[Alert, EscalationPolicy]]:
    rows = list(session.exec(statement, params={"now": now, "limit": limit, **others}))
    if rows:
        hold(session, rows[0][2])
    return [(alert, policy) for alert, policy, _ in rows]


def run_step(session: Session, alert: Alert, now: datetime, because: str) -> None:
    """Page whoever comes next on a triggered alert. `because` goes to the timeline and into the pages' reasons."""
    raise_urgency(session, alert, now)
    _step_all(session, [(alert, because)], now)


def _step_or_postpone(session: Session, alert: Alert, now: datetime) -> None:
    try:
        with session.begin_nested():
            _step_all(session, [(alert, why_now(session, alert, now))], now)
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("alert.not_stepped", alert=alert.id)
        text = "Escalation failed by a fault in this service: trying again every minute"
        tell_once(session, alert.id, TimelineKind.NOT_PAGED, text, now)
        alert.next_step_at = now + BROKEN_WAIT
        session.add(alert)
        session.flush()


def _step_all(session: Session, steps: Sequence[tuple[Alert, str]], now: datetime) -> int:
    """Each target resolved once, every decision made, all of it stored together. Gives how many people are paged."""
    resolutions, history = Resolutions(session, now), History.to_be_made(session, [alert for alert, _ in steps])
    pages: list[NewPage] = []
    posts: list[NewPost] = []
    following: list[tuple[Alert, datetime | None]] = []
    for alert, because in steps:
        policy, so_far = policy_of(session, alert), history.of(alert)
        decision = decide(policy, position_of(alert), now, resolutions, because, so_far)
        posts += [_post(session, alert, post, because, now) for post in decision.posts if _is_new(session, alert, post)]
        _move(session, alert, decision, now)
        following.append((alert, decision.next_at))
        for order in decision.pages:
            pages.append(page_for(session, alert, order, now))
            if order.takes_turn:
                history.take_turn(alert, order)
        if decision.closing:
            _close(session, alert, decision, now)
    send_posts(session, posts, now)
    waits = send_pages(session, pages, resolutions.reach, now)
    for alert, next_at in following:
        if alert.id in waits and next_at is not None:
            go_on_at(alert, next_at + waits[alert.id])  # or the next step would run before anybody was told
    return len(pages)


def _close(session: Session, alert: Alert, decision: Decision, now: datetime) -> None:
    """The policy has come to its end: the last of it is told, or it begins again when nobody can know of the alert."""
    if not decision.pages and nobody_knows(session, alert):
        begin_again(session, alert, now)
    else:
        tell(session, alert.id, TimelineKind.NOT_PAGED, decision.closing, now)


def _is_new(session: Session, alert: Alert, post: Post) -> bool:
    """A round that reaches nobody is tried again and again: what it posts is not."""
    return not was_told(session, alert.id, TimelineKind.DELIVERY, f"{_posted(post)}: ", as_beginning=True)


def _posted(post: Post) -> str:
    return f"{POSTED}{post.name}"


def _post(session: Session, alert: Alert, post: Post, because: str, now: datetime) -> NewPost:
    assert alert.id is not None
    tell(session, alert.id, TimelineKind.DELIVERY, f"{_posted(post)}: {because}", now)
    return NewPost(alert.id, post.method_id)


def _move(session: Session, alert: Alert, decision: Decision, now: datetime) -> None:
    for note in decision.notes:
        tell_once(session, alert.id, TimelineKind.NOT_PAGED, note, now)
    position = decision.position
    alert.step, alert.round, alert.round_reached = position.step, position.round, position.reached
    go_on_at(alert, decision.next_at)
    if decision.acknowledgements is not None:
        alert.acknowledgements_needed = decision.acknowledgements
    session.add(alert)


def page_for(session: Session, alert: Alert, order: PageOrder, now: datetime) -> NewPage:
    """The page that is ordered, told on the timeline and not stored yet."""
    assert alert.id is not None
    to = order.recipient
    who = f"{to.name} ({to.role})" if to.role else to.name
    later = f", {spell(to.delay)} after whoever learns" if to.delay else ", in turn" if order.takes_turn else ""
    said = f"{who} follows along as a shadow" if to.is_shadow else f"{PAGED}{who}{later}: {order.reason}"
    tell(session, alert.id, TimelineKind.PAGED, said, now, to.user_id)
    return NewPage(
        alert.id, to.user_id, order.step, order.round, order.reason, alert.urgency, now + to.delay, to.is_shadow
    )
