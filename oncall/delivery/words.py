"""What a delivery says: an alert put into the words of a text or a call, a notice fitted into a text."""

from datetime import datetime, timedelta

from notifiers.speech import page_speech
from notifiers.text import notice_text, page_text, shadow_text, verification_text
from oncall import links
from oncall.models import Alert, ContactKind, ContactMethod, Notice, NoticeKind, Service
from oncall.settings import Settings

STALE_AFTER = {NoticeKind.SHIFT_START: timedelta(hours=1), NoticeKind.SHIFT_END: timedelta(hours=1)}
"""What says that something is so now is not said later than this: the engine, or the provider, may have been away."""


def page_words(
    settings: Settings, kind: ContactKind, alert: Alert, service: Service, *, is_shadow: bool = False
) -> str:
    assert alert.id is not None
    if is_shadow:
        return shadow_text(alert.id, alert.summary, service.name, alert.severity, links.alert_page(settings, alert.id))
    if kind is ContactKind.VOICE:
        return page_speech(alert.id, alert.summary, service.name, alert.severity)
    link = links.alert_page(settings, alert.id)
    can_reply = bool(settings.public_url) or settings.demo  # without it no reply can reach us: don't promise
    return page_text(alert.id, alert.summary, service.name, alert.severity, link, can_reply=can_reply)


def notice_words(notice: Notice, now: datetime) -> str:
    """Empty for one that has become stale."""
    is_stale = notice.kind in STALE_AFTER and now - notice.created_at > STALE_AFTER[notice.kind]
    return "" if is_stale else notice_text(notice.text)


def verification_words(method: ContactMethod) -> str:
    return verification_text(method.code or "")
