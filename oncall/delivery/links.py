"""Addresses of our own that leave in messages. Empty without ONCALL_PUBLIC_URL, since nobody could open them."""

from oncall.settings import Settings


def alert_page(settings: Settings, alert_id: int) -> str:
    return f"{settings.public_url}/alerts/{alert_id}" if settings.public_url else ""


def my_alerts(settings: Settings) -> str:
    return f"{settings.public_url}/alerts?mine=1" if settings.public_url else ""


def open_alerts(settings: Settings) -> str:
    return f"{settings.public_url}/alerts" if settings.public_url else ""


def answer_page(settings: Settings, token: str) -> str:
    return f"{settings.public_url}/answer/{token}" if settings.public_url else ""


def swap_page(settings: Settings, swap_id: int) -> str:
    return f"{settings.public_url}/swaps/{swap_id}" if settings.public_url else ""


def sms_webhook(public_url: str) -> str:
    """To be set at our number, at the provider; each call and text brings the others with it."""
    return f"{public_url}/callbacks/twilio/sms" if public_url else ""


def voice_callback(settings: Settings, delivery_id: int) -> str:
    return _callback(settings, "voice", delivery_id)


def status_callback(settings: Settings, delivery_id: int) -> str:
    return _callback(settings, "status", delivery_id)


def _callback(settings: Settings, what: str, delivery_id: int) -> str:
    # The delivery is in the address because a receipt can arrive before the provider has told us its own id.
    return f"{settings.public_url}/callbacks/twilio/{what}?delivery={delivery_id}" if settings.public_url else ""
