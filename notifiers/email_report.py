"""What a mail server reports of a mail that it took. Sources: RFC 3464 (reports), RFC 3463 and RFC 5248 (status codes)

Its own wording is left out: it quotes the address.
"""

import re
from collections.abc import Iterator
from email.message import Message

from notifiers.base import StatusReport
from notifiers.smtp_errors import NO_SUCH_ADDRESS

LONGEST_FIELD = 1_000
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY = re.compile(r"^\s*smtp\s*;\s*([45]\d\d)\b", re.IGNORECASE)
_NOT_THE_ADDRESS = {7, 8, 9}
"""Of the codes x.1.n about addresses: those about the sender's, and the next server."""
_NO_DOMAIN = {(4, 4), (4, 310)}
_GONE = {(2, 1), (4, 1), *_NO_DOMAIN}
"""No mail reaches the address: switched off; unknown (Exchange Online's 5.4.1); no such domain (Exchange's 5.4.310)."""
_WHY = {
    (2, 1): "says that the mailbox is switched off",
    (2, 2): "says that the mailbox is full",
    (2, 3): "says that the mail is too large",
    (3, 4): "says that the mail is too large",
} | dict.fromkeys(_NO_DOMAIN, "says that the address's domain takes no mail")
_NEWS = ["delivered", "sent", "failed"]


def read_report(mail: Message) -> StatusReport | None:
    """Of several recipients behind the address, the best news. None for a mail that is no report of this kind. Raises
    ValueError for one that can't be read.
    """
    part = next(_reports(mail), None)
    if part is None:
        return None
    told = [_told(fields) for fields in _blocks(part) if fields["action"]]
    if not told:
        raise ValueError("it tells of no recipient")
    return min(told, key=lambda report: (_NEWS.index(report.state), report.permanent, report.bad_address))


def _reports(mail: Message) -> Iterator[Message]:
    """Not those of a mail that is only attached."""
    if mail.get_content_type() == "message/delivery-status":
        yield mail
    elif mail.get_content_maintype() == "multipart":
        for part in _blocks(mail):
            yield from _reports(part)


def _blocks(part: Message) -> list[Message]:
    """The parts of a mail; the fields of a report, first about the whole mail and then of each recipient."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _told(fields: Message) -> StatusReport:
    match _field(fields, "action").partition("(")[0].strip().lower():
        case "delivered":
            return StatusReport("", "delivered")
        case "relayed" | "expanded":
            return StatusReport("", "sent")
        case "delayed":
            return StatusReport("", "sent", late=f"The mail server is still trying ({'.'.join(_status(fields))})")
        case "failed":
            return _failed(*_status(fields), _field(fields, "diagnostic-code"))
    raise ValueError("it names an action that we don't know")


def _failed(kind: str, subject: str, detail: str, diagnostic: str) -> StatusReport:
    if kind == "2":
        raise ValueError("it failed with the status of a success")
    code = int(subject), int(detail)
    is_gone = kind == "5" and (_is_gone(code) or (code == (0, 0) and _reply(diagnostic) in NO_SUCH_ADDRESS))
    if is_gone:
        why = _WHY.get(code, "says that there is no such address")
    elif kind == "5":
        why = _WHY.get(code, "refuses our mails" if code[0] == 7 else "could not deliver it")
    else:
        why = _WHY.get(code, "gave up trying to deliver it")
    error = f"The mail server {why} ({kind}.{subject}.{detail})"
    return StatusReport("", "failed", error, permanent=kind == "5", bad_address=is_gone)


def _is_gone(code: tuple[int, int]) -> bool:
    return code in _GONE or (code[0] == 1 and code[1] not in _NOT_THE_ADDRESS)


def _status(fields: Message) -> tuple[str, str, str]:
    """Such as 5, 1, 1. Where it says no more than 5.0.0, the next server's own words may."""
    diagnostic = _field(fields, "diagnostic-code")
    found = _STATUS.search(_field(fields, "status"))
    if found is None or found[0].endswith(".0.0"):
        better = _STATUS.search(diagnostic)
        found = better if better and (found is None or better[1] == found[1]) else found
    if found is not None:
        return found[1], found[2], found[3]
    if reply := _reply(diagnostic):
        return str(reply)[0], "0", "0"
    raise ValueError("it has no status")


def _reply(diagnostic: str) -> int:
    """The three digits that a server answered with; 0 where it is not said."""
    found = _REPLY.match(diagnostic)
    return int(found[1]) if found else 0


def _field(fields: Message, name: str) -> str:
    return str(fields.get(name, ""))[:LONGEST_FIELD]
