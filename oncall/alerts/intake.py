"""Taking events in: folded into the open alerts they belong to, written with their timeline, first step due at once.

Core statements over whole batches; this is the path that must keep up when everything breaks at once.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from oncall.alerts.event import Event, EventAction
from oncall.alerts.flapping import USUAL, FlappingRule, Lately, flapping, flapping_rule_of
from oncall.alerts.grouping import AlertDraft, fold, heed_flapping, open_alert, reopen
from oncall.alerts.members import lead, load_members, once_grouped, write_members
from oncall.alerts.reopening import ended_lately, take_up_again
from oncall.alerts.together import GroupingRule, ease, grouping_rule_of, joins, worst
from oncall.alerts.urgency import UrgencyRule, rule_of
from oncall.db.bulk import among, ask, insert_many, next_ids, update_many
from oncall.db.database import json_text, notify_engines, once_committed, send_behind
from oncall.delivery.outbox import cancel_pending
from oncall.delivery.updates import outdate
from oncall.delivery.urgent import plan_urgently
from oncall.escalation.policies import acknowledge_timeout, acknowledge_timeouts
from oncall.lifecycle.alert import AlertStatus
from oncall.metrics import ALERTS
from oncall.models import Alert, Delivery, Service, TimelineEntry
from oncall.models.alert import OPEN, Severity

_alerts: sa.Table = Alert.__table__  # type: ignore[attr-defined]
_timeline: sa.Table = TimelineEntry.__table__  # type: ignore[attr-defined]


class Source(NamedTuple):
    """Where events come from: the service they are about, its policy and rules now, the name it goes by."""

    service_id: int
    policy_id: int
    sender: str
    urgency: UrgencyRule = UrgencyRule()
    flapping: FlappingRule = USUAL
    auto_resolve: timedelta | None = None
    reopen_within: timedelta | None = None
    grouping: GroupingRule | None = None
    elsewhere: tuple["Source", ...] = ()
    """Other services whose open alert with the event's dedup key is its own, where rules choose among them."""


def source_of(session: Session, service_id: int, sender: str) -> Source:
    """The source for events that come by no integration key: a heartbeat, a person."""
    return source_at(session.get_one(Service, service_id), sender, once_grouped(session))


def source_at(service: Service, sender: str, grouped: Collection[int]) -> Source:
    assert service.id is not None
    return Source(
        service.id,
        service.escalation_policy_id,
        sender,
        rule_of(service.urgency, service.support_hours),
        flapping_rule_of(service.flapping),
        _span(service.auto_resolve_seconds),
        _span(service.reopen_within_seconds),
        grouping_rule_of(service.grouping) or (GroupingRule(is_off=True) if service.id in grouped else None),
    )


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def take_in(
    session: Session, work: Sequence[tuple[Source, Event]], now: datetime, *, is_last: bool = False
) -> list[AlertDraft]:
    """Store every event, in order. Gives the alerts that were opened or touched, with their ids.

    `is_last`: nothing follows in the transaction, so that nobody need wait before its commit.
    """
    is_grouped = any(source.grouping is not None for source, _ in work)
    if is_grouped:
        work = list(zip((source for source, _ in work), lead(session, work, now), strict=True))
    drafts = _fold_all(session, work, now)
    _limit_acknowledgements(session, drafts, now)
    new = _reserve_ids(session, drafts)
    rules = {source.service_id: source.flapping for source, _ in work}
    _heed_flapping(session, new, rules, now)
    if reopened := [draft for draft in drafts if draft.was_reopened]:
        take_up_again(session, reopened, rules, now)
    for urgency, count in Counter(draft.columns["urgency"] for draft in new).items():
        once_committed(session, partial(ALERTS.labels(urgency).inc, count))
    urgent = [draft for draft in drafts if draft.has_become_urgent and draft.status is AlertStatus.TRIGGERED]
    if urgent:
        plan_urgently(session, [draft.id for draft in urgent if draft.id is not None], now)
    if is_last:
        send_behind(session)
    _write(session, drafts, new, now)
    if is_grouped:
        write_members(session, drafts)
    return drafts


def _fold_all(session: Session, work: Sequence[tuple[Source, Event]], now: datetime) -> list[AlertDraft]:
    """Every alert that the events open or touch."""
    open_now = _open_alerts(session, work)
    if any(event.member is not None for _, event in work):
        load_members(session, open_now.values())
    within = {(each.service_id, event.dedup_key): each.reopen_within for each, event in work if each.reopen_within}
    ended = ended_lately(session, within, now)
    touched: dict[int, AlertDraft] = {}
    for source, event in work:
        if source.elsewhere:
            source = _where_it_is_open(source, event, open_now)
        place = (source.service_id, event.dedup_key)
        if place in open_now:
            _fold_into(open_now[place], source, event, now)
        elif event.action is EventAction.TRIGGER:
            open_now[place] = _opened(source, event, ended.pop(place, None), now)
        else:
            continue  # nothing is open: accepted, no effect
        draft = open_now[place]
        touched[id(draft)] = draft
        if source.auto_resolve is not None and event.action is EventAction.TRIGGER:
            draft.columns["resolves_at"] = now + source.auto_resolve
        if draft.status is AlertStatus.RESOLVED:
            del open_now[place]
    return list(touched.values())


def _fold_into(draft: AlertDraft, source: Source, event: Event, now: datetime) -> None:
    if joins(draft, event, now):
        fold(draft, _as_grave_as_its_members(draft, event), source.sender, source.urgency, now)
    elif event.action is EventAction.RESOLVE:
        ease(draft, event, source.urgency)


def _opened(source: Source, event: Event, ended: tuple[AlertDraft, datetime] | None, now: datetime) -> AlertDraft:
    """A new alert, or again the one that `ended` a while ago."""
    if ended is None:
        draft = open_alert(event, *source[:4], now)
    else:
        draft, since = ended
        reopen(draft, event, source.policy_id, source.sender, source.urgency, since, now)
    joins(draft, event, now)
    return draft


def _as_grave_as_its_members(draft: AlertDraft, event: Event) -> Event:
    is_trigger = event.action is EventAction.TRIGGER
    return replace(event, severity=worst(draft, event)) if is_trigger and event.member is not None else event


def _where_it_is_open(source: Source, event: Event, open_now: Mapping[tuple[int, str], AlertDraft]) -> Source:
    """Rules may have changed, or the hour: one problem stays one alert, and is resolved wherever it is."""
    places = (source, *source.elsewhere)
    return next((each for each in places if (each.service_id, event.dedup_key) in open_now), source)


def _limit_acknowledgements(session: Session, drafts: Sequence[AlertDraft], now: datetime) -> None:
    """What a tool has acknowledged pages again, too, after the time that the alert's policy gives to resolve it."""
    acknowledged = [draft for draft in drafts if draft.needs_nobody_now and draft.status is AlertStatus.ACKNOWLEDGED]
    stored = [draft.id for draft in acknowledged if draft.id is not None]
    timeouts = acknowledge_timeouts(session, stored) if stored else {}
    for draft in acknowledged:
        if draft.id is None:
            timeout = acknowledge_timeout(session, draft.columns["policy_id"])
        else:
            timeout = timeouts.get(draft.id)
        if timeout is not None:
            draft.columns["next_step_at"] = now + timeout


_OPEN_ALERTS = (
    sa.select(
        *(_alerts.c.id, _alerts.c.service_id, _alerts.c.dedup_key, _alerts.c.status),
        *(_alerts.c.severity, _alerts.c.summary, _alerts.c.event_count, _alerts.c.flaps, _alerts.c.step),
        _alerts.c.maintenance_id,
    )
    .where(OPEN, among(_alerts.c.dedup_key, "dedup_keys"))
    .order_by(_alerts.c.id)  # one order for all processes, so that their locks can't cross
    .with_for_update(key_share=True)
)


def _open_alerts(session: Session, work: Sequence[tuple[Source, Event]]) -> dict[tuple[int, str], AlertDraft]:
    keys = json_text(sorted({event.dedup_key for _, event in work}))
    rows = ask(session, _OPEN_ALERTS, {"dedup_keys": keys})
    return {
        (service_id, key): AlertDraft(number, service_id, key, AlertStatus(status), Severity(severity), *others)
        for number, service_id, key, status, severity, *others in rows
    }


_RESOLVED_LATELY = (
    sa.select(
        *(_alerts.c.service_id, _alerts.c.dedup_key, sa.func.count(), sa.func.min(_alerts.c.triggered_at)),
        sa.func.max(_alerts.c.flaps),
    )
    .where(
        among(_alerts.c.dedup_key, "dedup_keys"),
        _alerts.c.resolved_at > sa.bindparam("since", type_=_alerts.c.resolved_at.type),
        _alerts.c.triggered_at > sa.bindparam("since", type_=_alerts.c.resolved_at.type),
    )
    .group_by(_alerts.c.service_id, _alerts.c.dedup_key)
)


def _heed_flapping(
    session: Session, new: Sequence[AlertDraft], rules: Mapping[int, FlappingRule], now: datetime
) -> None:
    """Look at keys that trigger again."""
    by_rule: dict[FlappingRule, list[AlertDraft]] = defaultdict(list)
    for draft in new:
        by_rule[rules[draft.service_id]].append(draft)
    for rule, drafts in by_rule.items():  # one, as long as services keep to the usual
        if rule.times:
            _heed_flapping_by(session, rule, drafts, now)


def _heed_flapping_by(session: Session, rule: FlappingRule, new: Sequence[AlertDraft], now: datetime) -> None:
    """What triggers and is resolved within this very batch counts too."""
    keys = json_text(sorted({draft.dedup_key for draft in new}))
    rows = ask(session, _RESOLVED_LATELY, {"dedup_keys": keys, "since": now - rule.within})
    lately = {(service_id, key): Lately(times, since, flaps > 0) for service_id, key, times, since, flaps in rows}
    for draft in new:
        place = (draft.service_id, draft.dedup_key)
        before = lately.get(place)
        flap = flapping(before, now, rule)
        if flap is not None:
            heed_flapping(draft, flap, now)
        if draft.status is AlertStatus.RESOLVED:
            before = before or Lately(0, now)
            lately[place] = Lately(before.times + 1, before.since, before.was_told or draft.flaps > 0)


def _reserve_ids(session: Session, drafts: Sequence[AlertDraft]) -> list[AlertDraft]:
    """The new alerts, each with its id."""
    new = [draft for draft in drafts if draft.id is None]
    if new:
        for draft, alert_id in zip(new, next_ids(session, _alerts, len(new)), strict=True):
            draft.id = draft.columns["id"] = alert_id
    return new


def _write(session: Session, drafts: Sequence[AlertDraft], new: Sequence[AlertDraft], now: datetime) -> None:
    opened = {draft.id for draft in new}
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for draft in drafts:
        if draft.id not in opened and draft.columns:
            alike[tuple(draft.columns)].append({"id": draft.id, **draft.columns})
    for rows in alike.values():  # before the new ones: one of them may take a dedup key that this sets free
        update_many(session, _alerts, rows)
    has_ended = any(draft.status is not AlertStatus.TRIGGERED for draft in new)
    in_order = sorted(new, key=lambda draft: draft.dedup_key)  # of all processes, as locks are taken
    insert_many(session, _alerts, [{**ENDED, **draft.columns} if has_ended else draft.columns for draft in in_order])
    entries = [
        {"alert_id": draft.id, "at": now, "kind": kind, "text": text}
        for draft in drafts
        for kind, text in draft.entries
    ]
    insert_many(session, _timeline, entries)
    quiet = [draft.id for draft in drafts if draft.needs_nobody_now]
    if quiet:
        cancel_pending(session, col(Delivery.alert_id).in_(quiet), now)
        outdate(session, quiet, now)
    notify_engines(session)


ENDED: dict[str, Any] = {"resolved_at": None, "acknowledged_at": None, "snoozed_until": None}
"""Columns that a new alert has only if it was also acknowledged or resolved in the batch that opened it."""
