"""What a delivery says, in the words of its kind: about an alert, a notice or a verification code."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from notifiers.kind import BundleFacts, PageFacts, PastChange
from notifiers.registry import KINDS
from oncall.changes import how_long_before, what
from oncall.delivery import links
from oncall.delivery.carried import ToldOf
from oncall.models import Alert, ChangeEvent, ContactMethod, Notice, NoticeKind, Service, Severity
from oncall.settings import Settings
from oncall.timeline import spell

STALE_AFTER = dict.fromkeys((NoticeKind.SHIFT_START, NoticeKind.SHIFT_END, NoticeKind.TEST), timedelta(hours=1))
"""What says that something is so now is not said later than this: the engine, or the provider, may have been away."""


def page_words(
    settings: Settings,
    kind: str,
    alert: Alert,
    service: Service,
    changes: Sequence[ChangeEvent] = (),
    *,
    is_shadow: bool = False,
    is_post: bool = False,
) -> str:
    """`changes`: those that it follows. `is_post`: for an address of a team's own, whose answers we could take for
    nobody's.
    """
    facts = _facts(settings, alert, service, is_shadow=is_shadow, is_post=is_post)
    past = tuple(PastChange(what(change), how_long_before(change, alert)) for change in changes)
    return KINDS[kind].page(replace(facts, changes=past))


def _facts(settings: Settings, alert: Alert, service: Service, *, is_shadow: bool, is_post: bool = False) -> PageFacts:
    assert alert.id is not None
    return PageFacts(
        number=alert.id,
        summary=f"Flapping, {alert.flaps} times: {alert.summary}" if alert.flaps else alert.summary,
        service=service.name,
        severity=alert.severity,
        link=links.alert_page(settings, alert.id),
        since=alert.triggered_at,
        can_reply=_can_reply(settings) and not is_post,  # else no reply counts: don't promise
        is_shadow=is_shadow,
    )


def bundle_words(
    settings: Settings, kind: str, told: ToldOf, now: datetime, *, is_shadow: bool = False, is_post: bool = False
) -> str:
    facts = BundleFacts(
        count=told.count,
        severity=min((alert.severity for alert, _ in told.alerts), key=Severity.rank),
        services=told.services,
        oldest=spell(now - told.oldest),
        pages=tuple(_facts(settings, alert, service, is_shadow=is_shadow) for alert, service in told.alerts),
        link=links.open_alerts(settings) if is_post else links.my_alerts(settings),
        can_reply=_can_reply(settings) and not is_post,
        is_shadow=is_shadow,
        is_post=is_post,
    )
    return KINDS[kind].bundle(facts)


def _can_reply(settings: Settings) -> bool:
    """Replies are posted to us, or fetched where nobody can reach us."""
    return bool(settings.public_url) or settings.demo or settings.has_twilio


def notice_words(kind: str, notice: Notice, now: datetime) -> str:
    """Empty for one that has become stale."""
    is_stale = notice.kind in STALE_AFTER and now - notice.created_at > STALE_AFTER[notice.kind]
    return "" if is_stale else KINDS[kind].notice(notice.text)


def way(kind: str, account: str) -> str:
    """ "text through second": how people call an account at one kind of message."""
    label = KINDS[kind].label
    return label if account in ("", kind) else f"{label} through {account}"


def canary_words(kind: str, account: str, number: int) -> str:
    return KINDS[kind].notice(
        f"This is oncall, trying out whether it can page by {way(kind, account)}: message {number}."
    )


def verification_words(method: ContactMethod) -> str:
    return KINDS[method.kind].code(method.code or "")
