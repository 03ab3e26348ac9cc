"""What a delivery says, in the words of its kind: about an alert, a notice or a verification code."""

from datetime import datetime, timedelta

from notifiers.kind import PageFacts
from notifiers.registry import KINDS
from oncall import links
from oncall.models import Alert, ContactMethod, Notice, NoticeKind, Service
from oncall.settings import Settings

STALE_AFTER = dict.fromkeys((NoticeKind.SHIFT_START, NoticeKind.SHIFT_END, NoticeKind.TEST), timedelta(hours=1))
"""What says that something is so now is not said later than this: the engine, or the provider, may have been away."""


def page_words(settings: Settings, kind: str, alert: Alert, service: Service, *, is_shadow: bool = False) -> str:
    assert alert.id is not None
    facts = PageFacts(
        number=alert.id,
        summary=alert.summary,
        service=service.name,
        severity=alert.severity,
        link=links.alert_page(settings, alert.id),
        since=alert.triggered_at,
        can_reply=bool(settings.public_url) or settings.demo,  # without it no reply can reach us: don't promise
        is_shadow=is_shadow,
    )
    return KINDS[kind].page(facts)


def notice_words(kind: str, notice: Notice, now: datetime) -> str:
    """Empty for one that has become stale."""
    is_stale = notice.kind in STALE_AFTER and now - notice.created_at > STALE_AFTER[notice.kind]
    return "" if is_stale else KINDS[kind].notice(notice.text)


def canary_words(kind: str, number: int) -> str:
    return KINDS[kind].notice(
        f"This is oncall, trying out whether it can page by {KINDS[kind].label}: message {number}."
    )


def verification_words(method: ContactMethod) -> str:
    return KINDS[method.kind].code(method.code or "")
