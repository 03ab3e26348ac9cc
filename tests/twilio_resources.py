"""What an account at the fake Twilio has, as Twilio shows it: texts, calls and numbers, one by one and in pages."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

Fields = dict[str, list[str]]
"""A form or a query as it is read; a form that is sent is a Form."""
Form = dict[str, str]


@dataclass
class Sent:
    """A text or call that we were given, or a text that somebody sent to our number.

    `form` is all that was posted; `received_at` is monotonic seconds.
    """

    sid: str
    form: Fields
    created: datetime
    status: str = "queued"
    received_at: float = field(default_factory=time.monotonic)
    error_code: int | None = None
    answered_by: str | None = None

    def _first(self, name: str) -> str:
        return self.form.get(name, [""])[0]

    is_call = property(lambda self: self.sid.startswith("CA"))
    to = property(lambda self: self._first("To"))
    from_ = property(lambda self: self._first("From"))
    body = property(lambda self: self._first("Body"))
    url = property(lambda self: self._first("Url"))
    twiml = property(lambda self: self._first("Twiml"))
    status_url = property(lambda self: self._first("StatusCallback"))

    def as_json(self, account: str) -> dict[str, Any]:
        """The resource as Twilio shows it (the fields that matter to a client)."""
        date = format_datetime(self.created)
        shared = {"sid": self.sid, "account_sid": account, "to": self.to, "from": self.from_, "status": self.status}
        shared |= {
            "direction": self._direction,
            "api_version": "2010-04-01",
            "date_created": date,
            "date_updated": date,
        }
        shared |= {
            "price": None,
            "price_unit": "USD",
            "uri": f"/2010-04-01/Accounts/{account}/{self._folder}/{self.sid}.json",
        }
        started = None if self.status == "queued" else date
        if self.is_call:
            return shared | {"answered_by": self.answered_by, "start_time": started, "end_time": None, "duration": None}
        return shared | {
            "body": self.body, "date_sent": started, "num_segments": "1", "num_media": "0",
            "error_code": self.error_code, "error_message": None, "messaging_service_sid": None,
        }  # fmt: skip

    @property
    def _direction(self) -> str:
        return "inbound" if self.status == "received" else "outbound-api"

    @property
    def _folder(self) -> str:
        return "Calls" if self.is_call else "Messages"

    def callback(self, account: str, status: str, extra: Form) -> Form:
        """The form of a status callback."""
        kind = "Call" if self.is_call else "Message"
        form = {"AccountSid": account, "ApiVersion": "2010-04-01", "To": self.to, "From": self.from_}
        form |= {f"{kind}Sid": self.sid, f"{kind}Status": status}
        if self.answered_by:
            form["AnsweredBy"] = self.answered_by
        return form | extra


def page_of(kind: str, oldest_first: Sequence[Sent], account: str, path: str, query: Fields) -> dict[str, Any]:
    """One page of a list, newest first, with Twilio's filters."""
    only = {name: values[0] for name, values in query.items()}
    size, page = int(only.get("PageSize", "50")), int(only.get("Page", "0"))
    found = [
        s for s in reversed(oldest_first) if only.get("To") in (None, s.to) and only.get("From") in (None, s.from_)
    ]
    found = [s for s in found if _in_dates(s, only, "DateSent" if kind == "Messages" else "StartTime")]
    start, end = page * size, min((page + 1) * size, len(found))
    following = f"{path}?{urlencode(only | {'Page': str(page + 1)})}" if end < len(found) else None
    records = [s.as_json(account) for s in found[start:end]]
    paging = {"page": page, "page_size": size, "start": start, "end": max(start, end - 1), "uri": path}
    return {kind.lower(): records, "next_page_uri": following, "previous_page_uri": None} | paging


def page_of_numbers(number: dict[str, Any], query: Fields) -> dict[str, Any]:
    """Those of the account that match; it has one."""
    found = [number] if number["phone_number"] in query.get("PhoneNumber", [number["phone_number"]]) else []
    return {"incoming_phone_numbers": found, "next_page_uri": None, "page": 0, "page_size": 50, "start": 0, "end": 0}


def _in_dates(sent: Sent, only: dict[str, str], name: str) -> bool:
    """A queued text or call has no date yet, and so meets no filter by date."""
    wanted = {sign: only[name + sign] for sign in ("<", ">") if name + sign in only}
    if not wanted:
        return True
    limits = {sign: datetime.fromisoformat(date).replace(tzinfo=UTC) for sign, date in wanted.items()}
    return sent.status != "queued" and limits.get(">", sent.created) <= sent.created <= limits.get("<", sent.created)
