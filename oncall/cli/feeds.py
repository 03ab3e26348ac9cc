"""Calendar links."""

from typing import Annotated

import typer
from sqlmodel import Session

from oncall.auth.signing import Signer
from oncall.cli.output import AsJson, show
from oncall.cli.session import Desk, reading, writing
from oncall.errors import BadInput
from oncall.models import CalendarFeed, User
from oncall.people.people import find_user
from oncall.rota import feeds
from oncall.rota.plans import find_schedule

Handle = Annotated[str, typer.Argument(help="Whose link, such as alice.")]


def make(
    handle: Handle,
    schedule: Annotated[str | None, typer.Option(help="Of a schedule; left out, the person's own shifts.")] = None,
    level: Annotated[str | None, typer.Option(help="One level of the schedule.")] = None,
    team: Annotated[str | None, typer.Option(help="Of all schedules of a team.")] = None,
) -> None:
    """Print a link that a calendar can subscribe to; made if there is none. Whoever has it can read the shifts."""
    if level is not None and schedule is None:
        raise BadInput("Say of which schedule this level is.", field="schedule")
    if schedule is not None and team is not None:
        raise BadInput("Name a team or a schedule, not both.", field="team")
    with writing() as desk:
        user = find_user(desk.session, handle)
        of = find_schedule(desk.session, schedule) if schedule is not None else None
        whose = feeds.find_team(desk.session, team) if team is not None else None
        feed = feeds.open_feed(desk.session, user, desk.now, of, level, team=whose)
        typer.echo(_url(desk, feed))


def list_(handle: Handle, as_json: AsJson = False) -> None:
    """List somebody's links that still work."""
    with reading() as desk:
        user = find_user(desk.session, handle)
        found = feeds.feeds_of(desk.session, user)
        items = [
            {"id": feed.id, "what": feeds.title(desk.session, feed), "url": _url(desk, feed), "made": feed.created_at}
            for feed in found
        ]
    show(as_json, items, ["id", "what", "url", "made"], f"{user.name} has no calendar link.")


def revoke(handle: Handle, feed_id: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Revoke a link: calendars that have it are told that it is gone."""
    with writing() as desk:
        user, what = _of(desk.session, handle, feed_id)
        feeds.revoke_feed(desk.session, user, feed_id, desk.now)
    typer.echo(f"The link of {user.name} to “{what}” is revoked.")


def _of(session: Session, handle: str, feed_id: int) -> tuple[User, str]:
    feed, user = session.get(CalendarFeed, feed_id), find_user(session, handle)
    return user, feeds.title(session, feed) if feed is not None else ""


def _url(desk: Desk, feed: CalendarFeed) -> str:
    base = desk.settings.public_url or f"http://{desk.settings.host}:{desk.settings.port}"
    return f"{base}/ical/{feeds.token_of(Signer.of(desk.session, desk.settings), feed)}.ics"
