"""What a delivery says: an alert put into the words of a text or a call."""

from notifiers.speech import page_speech
from notifiers.text import page_text, shadow_text, verification_text
from oncall import links
from oncall.models import Alert, ContactKind, ContactMethod, Service
from oncall.settings import Settings


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


def verification_words(method: ContactMethod) -> str:
    return verification_text(method.code or "")
