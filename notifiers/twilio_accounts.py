"""Further accounts at Twilio, or at servers like it, as they are written in one setting."""

import json
import re
from typing import Any

from notifiers.phone import phone_number
from notifiers.twilio_client import FIRST, TwilioAccount

FORM = '[{"name": "second", "account_sid": "AC…", "auth_token": "…", "from": "+12025550100", "base_url": "https://…"}]'
NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
NEEDED = ("name", "account_sid", "auth_token", "from")
KNOWN = {*NEEDED, "base_url"}
RESERVED = {FIRST, "sms", "voice"}
"""What deliveries say already of the first account."""


def fallback_accounts(text: str) -> tuple[TwilioAccount, ...]:
    """Reads a list in the form of FORM, in order; `base_url` may be left out. Raises ValueError with a sentence that
    names what is wrong, and shows no secret.
    """
    if not text.strip():
        return ()
    try:
        entries = json.loads(text)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        raise ValueError(f"must be a JSON list, such as {FORM}")
    accounts = tuple(_account(entry, f"entry {number}") for number, entry in enumerate(entries, start=1))
    for what in ("name", "account_sid"):
        values = [getattr(account, what) for account in accounts]
        if len(set(values)) < len(values):
            raise ValueError(f"two entries have the same {what}: give each its own")
    return accounts


def _account(entry: Any, where: str) -> TwilioAccount:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise ValueError(f"{where} must be an object of texts, such as {FORM[1:-1]}")
    if missing := [field for field in NEEDED if not entry.get(field)]:
        raise ValueError(f"{where} needs {' and '.join(missing)}")
    if entry.keys() - KNOWN:
        raise ValueError(f"{where} may hold only {', '.join([*NEEDED, 'base_url'])}")
    if not NAME.fullmatch(entry["name"]) or entry["name"] in RESERVED:
        reserved = ", ".join(sorted(RESERVED))
        raise ValueError(f"{where}: name must be small letters, digits and -, 30 at most, and none of {reserved}")
    base_url = entry.get("base_url", TwilioAccount.base_url).rstrip("/")
    if not base_url.startswith(("http://", "https://")):
        raise ValueError(f"{where}: base_url must begin with http:// or https://")
    return TwilioAccount(
        entry["account_sid"], entry["auth_token"], _number(entry["from"], where), base_url, name=entry["name"]
    )


def _number(text: str, where: str) -> str:
    try:
        return phone_number(text)
    except ValueError as error:
        raise ValueError(f"{where}: from {error}") from None
