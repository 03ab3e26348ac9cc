"""Pure: a message that may reach its provider without our knowing, since our request was not answered in time.

A provider that hangs carries a request out long after we gave up on it: who sends again soon sends twice, or ten times.
So the message is only looked for, ever less often, as long as that may happen, and then sent again: a text too many is
better than one that never came. Nobody waits for it meanwhile: an account that works takes it over at once (one text
too many is better than silence, too), and where there is none the person's next way is used at once.
"""

from datetime import datetime, timedelta

STILL_HELD = timedelta(seconds=75)
"""After we gave up. What stands before providers (load balancers, proxies) cuts a request after 60 s as a rule."""
FIRST_LOOK = timedelta(seconds=2)


def next_look(until: datetime, now: datetime) -> datetime:
    """After 2, 4, 8 … s: when the message is looked for again; it may come late `until`, when it is sent again."""
    waited = now - (until - STILL_HELD)
    return min(until, now + max(FIRST_LOOK, waited))


def is_held(until: datetime | None, now: datetime) -> bool:
    """Whether its provider may still carry out what we asked for."""
    return until is not None and now < until
