"""Calendar feeds: `GET`, `HEAD /ical/{token}.ics`, with ETag, Last-Modified and 304 (RFC 9110, 9111)."""

import gzip
import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from oncall.rota import feeds
from oncall.running.runtime import Runtime
from web.refusals import refusals

router = APIRouter(tags=["calendars"])


class Calendar(Response):
    media_type = "text/calendar; charset=utf-8"


_GZIP = re.compile(r"gzip(\s*;\s*q=(1(\.0*)?|0\.\d*[1-9]\d*))?", re.IGNORECASE)


@router.head("/ical/{token}.ics", include_in_schema=False)
@router.get(
    "/ical/{token}.ics", summary="A calendar to subscribe to", response_class=Calendar, responses=refusals(404, 503)
)
def calendar(token: str, request: Request) -> Response:
    runtime: Runtime = request.app.state.runtime
    packed = _takes_gzip(request.headers.get("accept-encoding", ""))
    with runtime.database.read() as session:
        feed = feeds.find_feed(session, runtime.signer, token)
        now, public_url = runtime.clock(), runtime.settings.public_url
        version = feeds.version(session, feed, now, public_url)
        headers = _headers(version, packed)
        if _is_unchanged(request, headers["ETag"], version.revised_at):
            return Response(status_code=304, headers=headers)
        body = feeds.content(session, feed, now, public_url)
    if packed:
        body, headers["Content-Encoding"] = gzip.compress(body, 6, mtime=0), "gzip"
    headers["Content-Disposition"] = 'inline; filename="oncall.ics"'
    return Calendar(body, headers=headers)


def _headers(version: feeds.FeedVersion, packed: bool) -> dict[str, str]:
    """What a 304 says as well. Each encoding has a strong tag of its own, since its bytes differ (RFC 9110 §8.8.3)."""
    return {
        "ETag": f'"{version.tag}-gzip"' if packed else f'"{version.tag}"',
        "Last-Modified": format_datetime(version.revised_at.astimezone(UTC), usegmt=True),
        "Cache-Control": "private, max-age=300",
        "Vary": "Accept-Encoding",
    }


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is named, and not with a weight of nothing, which forbids it (RFC 9110 §12.5.3)."""
    return any(_GZIP.fullmatch(each.strip()) for each in accepted.split(","))


def _is_unchanged(request: Request, etag: str, revised_at: datetime) -> bool:
    """If-None-Match decides where it is sent; If-Modified-Since only without it (RFC 9110 §13.2.2)."""
    wanted = request.headers.get("if-none-match")
    if wanted is not None:
        tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
        return bool(tags & {"*", etag})
    since = request.headers.get("if-modified-since")
    try:
        return since is not None and revised_at.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
