"""Alerts that a trigger re-opens: found among those that were resolved lately, and looked at for flapping."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, delete, func, select

from oncall.alerts.flapping import FlappingRule, Lately, flapping
from oncall.alerts.grouping import AlertDraft, heed_flapping
from oncall.db.bulk import among
from oncall.db.database import json_text
from oncall.models import Acknowledgement, Alert, TimelineEntry, TimelineKind
from oncall.models.alert import ENDED

_alerts: sa.Table = Alert.__table__  # type: ignore[attr-defined]

Place = tuple[int, str]
"""A service and a dedup key."""

_ENDED_LATELY = (
    sa.select(
        *(_alerts.c.id, _alerts.c.service_id, _alerts.c.dedup_key, _alerts.c.status),
        *(_alerts.c.severity, _alerts.c.summary, _alerts.c.event_count, _alerts.c.flaps, _alerts.c.resolved_at),
        sa.func.coalesce(_alerts.c.first_acknowledged_at, _alerts.c.acknowledged_at),
    )
    .where(
        ENDED,
        _alerts.c.status == "resolved",
        among(_alerts.c.dedup_key, "dedup_keys"),
        _alerts.c.resolved_at >= sa.bindparam("since", type_=_alerts.c.resolved_at.type),
    )
    .order_by(_alerts.c.id)
    .with_for_update(key_share=True)
)


def ended_lately(
    session: Session, within: Mapping[Place, timedelta], now: datetime
) -> dict[Place, tuple[AlertDraft, datetime]]:
    """By place, the last alert that was resolved there within its time, and when."""
    if not within:
        return {}
    keys = {"dedup_keys": json_text(sorted({key for _, key in within})), "since": now - max(within.values())}
    found: dict[Place, tuple[AlertDraft, datetime]] = {}
    for *columns, resolved_at, acknowledged_at in session.connection().execute(_ENDED_LATELY, keys):
        draft = AlertDraft(*columns)
        draft.first_acknowledged_at = acknowledged_at
        place = draft.service_id, draft.dedup_key
        if place in within and resolved_at >= now - within[place]:
            found[place] = draft, resolved_at
    return found


def take_up_again(
    session: Session, drafts: Sequence[AlertDraft], rules: Mapping[int, FlappingRule], now: datetime
) -> None:
    """Who had acknowledged is asked again; one that is re-opened again and again is flapping."""
    ids = [draft.id for draft in drafts]
    session.exec(delete(Acknowledgement).where(col(Acknowledgement.alert_id).in_(ids)))
    for draft in drafts:
        rule = rules[draft.service_id]
        flap = flapping(_lately(session, draft, now - rule.within), now, rule)
        if flap is not None:
            heed_flapping(draft, flap, now)


def _lately(session: Session, draft: AlertDraft, since: datetime) -> Lately | None:
    """How often it was resolved, by its timeline."""
    times, first = session.exec(
        select(func.count(), func.min(TimelineEntry.at)).where(
            TimelineEntry.alert_id == draft.id,
            TimelineEntry.kind == TimelineKind.RESOLVED,
            col(TimelineEntry.at) > since,
        )
    ).one()
    return Lately(times, first, draft.flaps > 0) if times else None
