"""What people are told about swaps: sentences that can be read half asleep, each on its reader's clock."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from oncall.delivery import links
from oncall.models import NoticeKind, Schedule, Swap, SwapEventKind, SwapKind, SwapPiece, User
from oncall.notices.tell import notify
from oncall.settings import Settings
from oncall.swaps.story import pieces_of, record
from schedules import when

SENTENCES = {
    "asked": "{asker} asks: {question}{note} Answer{link}",
    "reminded": "{asker} still waits for your answer, until {expires}: {question} Answer{link}",
    "accepted": "{who} has accepted {whose} swap. {mine}",
    "settled": "Settled, nothing to do for you: {who} takes {pieces}.",
    "declined": "{who} can't: {pieces}. {left}",
    "withdrawn": "{asker} asks no more, nothing to do for you: {pieces}.",
    "expired": "Nobody has agreed in time: {pieces}. It stays as it was; to ask again{link}",
    "not theirs": "{asker} asks no more, nothing to do for you: the shifts have changed since.",
    "gone": "Your swap can't be had any more, since the shifts have changed: {why} Ask anew{link}",
    "too late": "{asker} asks no more, the time to answer is over: {pieces}.",
    "taken over": "{who} has taken over from you: {pieces}. You are off.{alerts}",
    "out of reach": "{asker} is out of reach: you have {pieces}.{note} If you can't, refuse{link}",
    "refused": "{who} can't cover for you: you have it again, now. It was {pieces}.",
    "back": "{asker} is back and has it again: {pieces} is over.",
    "left": "{asker} has left, so others have it from now on: {pieces} is over.",
    "in your name": "{who} {did} in your name: {pieces}. To see it{link}",
}
"""In braces: what `_words` gives for the reader, and what the caller adds."""
MOST_NAMED = 3


def tell(
    session: Session,
    settings: Settings,
    swap: Swap,
    user_ids: Collection[int],
    what: str,
    now: datetime,
    key: str | None = None,
    **words: str,
) -> None:
    """Say the sentence called `what` to each of them, on their own clock; what has a `key` once.

    In the transaction in which it comes about, so that each is told once.
    """
    session.flush()
    rows = pieces_of(session, swap)
    readers: dict[str, list[User]] = defaultdict(list)
    present = select(User).where(col(User.id).in_(user_ids), col(User.retired_at).is_(None))
    for user in session.exec(present.order_by(col(User.name))):
        filled = SENTENCES[what].format_map(_words(session, settings, swap, rows, user) | words)
        readers[filled].append(user)
    for filled, users in readers.items():
        _notify(session, swap, users, filled, now, key)


def tell_absent(
    session: Session, settings: Settings, swap: Swap, by: User, person: User, did: str, now: datetime
) -> None:
    """Whoever a manager has decided for hears of it."""
    if by.id != person.id:
        tell(session, settings, swap, [person.id or 0], "in your name", now, who=by.name, did=did)


def pieces_in_words(session: Session, pieces: Sequence[SwapPiece], zone: ZoneInfo) -> str:
    """ "dev L1 from Tue 24 Nov 10:00 to Fri 27 Nov 10:00 (EST) and …"."""
    told = [
        f"{session.get_one(Schedule, row.schedule_id).name} {row.level} {when.span(row.starts_at, row.ends_at, zone)}"
        for row in sorted(pieces, key=lambda row: row.starts_at)
    ]
    more = [f"{len(told) - MOST_NAMED} more"] if len(told) > MOST_NAMED else []
    return " and ".join(told[:MOST_NAMED] + more)


def question(session: Session, swap: Swap, rows: Sequence[SwapPiece], zone: ZoneInfo) -> str:
    """What is asked of whoever answers."""
    mine = pieces_in_words(session, [row for row in rows if row.giver_id == swap.asker_id], zone)
    theirs = pieces_in_words(session, [row for row in rows if row.giver_id != swap.asker_id], zone)
    if swap.kind is SwapKind.TAKE:
        return f"may I take your {theirs}?"
    if swap.kind is SwapKind.TRADE:
        return f"will you take {mine}, if I take your {theirs}?"
    return f"can you take {mine}?"


def _words(session: Session, settings: Settings, swap: Swap, rows: Sequence[SwapPiece], reader: User) -> dict[str, str]:
    zone, asker = ZoneInfo(reader.timezone), session.get_one(User, swap.asker_id)
    link = links.swap_page(settings, swap.id or 0)
    return {
        "asker": asker.name,
        "whose": "your" if reader.id == asker.id else f"{asker.name}'s",
        "pieces": pieces_in_words(session, rows, zone),
        "question": question(session, swap, rows, zone),
        "mine": _mine(session, rows, reader, zone),
        "note": f" “{swap.note}”" if swap.note else "",
        "expires": when.moment(swap.expires_at, zone),
        "link": f": {link}" if link else " on the page Swaps.",
    }


def _mine(session: Session, rows: Sequence[SwapPiece], reader: User, zone: ZoneInfo) -> str:
    """What it changes for the reader."""
    off = pieces_in_words(session, [row for row in rows if row.giver_id == reader.id], zone)
    on = pieces_in_words(session, [row for row in rows if row.taker_id == reader.id], zone)
    return " ".join(part for part in (f"You are off {off}." if off else "", f"You are on {on}." if on else "") if part)


def _notify(session: Session, swap: Swap, users: Sequence[User], text: str, now: datetime, key: str | None) -> None:
    """As a notice to each; and the swap's own story keeps it."""
    notify(session, [user.id or 0 for user in users], NoticeKind.SWAP, text, now, key)
    names = [user.name for user in users]
    shown = ", ".join(names[:MOST_NAMED]) + (f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else "")
    record(session, swap, SwapEventKind.TOLD, f"Told {shown}: {text}", now)
