"""Whether the bot is on IRC, in whichever process: what the one that has it says now and then."""

from datetime import datetime, timedelta

from sqlmodel import Session

from oncall.process.leases import worked_at

LEASE = "irc"
GIVE_UP_AFTER = timedelta(minutes=1)
"""Without a connection anywhere, after which what is due goes other ways."""
AWAY = "Nobody is paged on IRC. See the engine's log, ONCALL_IRC_SERVER and ONCALL_IRC_CHANNEL."


def why_not_on_irc(session: Session, now: datetime) -> str:
    """A sentence; "" while the bot sits in its channel, or did a moment ago."""
    last = worked_at(session, LEASE)
    return AWAY if last is None or now - last > GIVE_UP_AFTER else ""
