"""The addresses of a calendar feed: to copy, and to subscribe to with a click in the calendars that offer that."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sqlmodel import Session

from oncall.models import CalendarFeed
from oncall.rota import feeds
from web.addresses import base_url
from web.edge import Edge


@dataclass(frozen=True, slots=True)
class CalendarLink:
    """`https` as ONCALL_PUBLIC_URL has it: http where that says http."""

    feed_id: int
    title: str
    https: str

    @property
    def webcal(self) -> str:
        """Opens the calendar program, which subscribes."""
        return "webcal:" + self.https.partition(":")[2]

    @property
    def google(self) -> str:
        """Asks for webcal: Google Calendar takes the address of a feed only so, or by hand."""
        return "https://calendar.google.com/calendar/r?cid=" + quote(self.webcal, safe=":/")

    @property
    def outlook(self) -> str:
        """Of work and school accounts. Takes https only."""
        asked = urlencode({"url": self.https, "name": self.title}, quote_via=quote)
        return f"https://outlook.office.com/calendar/0/addfromweb?{asked}"


def link_to(edge: Edge, session: Session, feed: CalendarFeed) -> CalendarLink:
    url = f"{base_url(edge)}/ical/{feeds.token_of(edge.runtime.signer, feed)}.ics"
    return CalendarLink(feed.id or 0, feeds.title(session, feed), url)
