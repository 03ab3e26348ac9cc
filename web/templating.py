"""Rendering pages: the templates, their filters, and the few things that every page shows."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from notifiers.registry import KINDS
from oncall.setup import words
from oncall.timeline import spell
from schedules.recurrence_words import in_words
from schedules.when import clock, name_of
from web.compiled import CompiledTemplates

_FOLDER = Path(__file__).parent
TEMPLATES = _FOLDER / "templates"
templates = Jinja2Templates(TEMPLATES)
templates.env.bytecode_cache = CompiledTemplates()

HEADERS = {
    # Neither scripts nor styles may stand in a page: colours and places are classes.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
    "Vary": "HX-Request",  # or “Back” would show the live part alone, which was kept under the page's address
}


def render(
    request: Request,
    name: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """A page. Those for somebody signed in are rendered by `web.pages.page.show`, which adds `me`, `now` and `csrf`."""
    shared = {"path": request.url.path, "demo": request.app.state.runtime.settings.demo}
    return templates.TemplateResponse(
        request, name, shared | (context or {}), status_code=status, headers={**HEADERS, **(headers or {})}
    )


def relative(moment: datetime, now: datetime) -> str:
    """ "12 min ago", "in 3 min"."""
    distance = now - moment
    if abs(distance) < timedelta(seconds=10):
        return "now"
    return f"{spell(distance)} ago" if distance > timedelta() else f"in {spell(-distance)}"


def day(moment: datetime, zone: ZoneInfo) -> str:
    """ "Tue 24 Nov"."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}"


def absolute(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """As short as it can be understood: "10:00" today, "Tue 10:00" in the next days, else "24 Nov 10:00"."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    days = (local.date() - today.date()).days
    if days == 0:
        return clock(moment, zone)
    if 0 < days < 7:
        return f"{local:%a} {clock(moment, zone)}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {clock(moment, zone)}"


def place(zone: ZoneInfo | str) -> str:
    """A zone as people say it: "New York" for America/New_York."""
    return str(zone).rpartition("/")[2].replace("_", " ")


@pass_context
def _ago(context: Context, moment: datetime) -> Markup:
    return _time(moment, context["zone"], relative(moment, context["now"]))


@pass_context
def _when(context: Context, moment: datetime) -> Markup:
    return _time(moment, context["zone"], absolute(moment, context["now"], context["zone"]))


@pass_context
def _clock(context: Context, moment: datetime) -> Markup:
    return _clocked(moment, context["zone"])


@lru_cache(4_000)
def _clocked(moment: datetime, zone: ZoneInfo) -> Markup:
    return _time(moment, zone, clock(moment, zone))


@pass_context
def _to_the_second(context: Context, moment: datetime) -> Markup:
    return _time(moment, context["zone"], clock(moment, context["zone"], "%H:%M:%S"))


@pass_context
def _date(context: Context, moment: datetime) -> Markup:
    return _dated(moment, context["zone"])


@lru_cache(4_000)
def _dated(moment: datetime, zone: ZoneInfo) -> Markup:
    """Kept: a schedule's page says when a shift ends wherever it tells of it, and once more where the next begins."""
    return _time(moment, zone, f"{day(moment, zone)} {clock(moment, zone)}")


@pass_context
def _span(context: Context, start: datetime, end: datetime, style: str = "when") -> Markup:
    """From when to when; a day is not said twice."""
    zone = context["zone"]
    if style == "date":
        return dates(start, end, zone)
    until = _clocked(end, zone) if _is_one_day(start, end, zone) else _when(context, end)
    return Markup(f"{_when(context, start)} – {until}")  # noqa: S704 both are escaped


def dates(start: datetime, end: datetime, zone: ZoneInfo) -> Markup:
    """The same, with days by their dates: whenever it is said."""
    until = _clocked(end, zone) if _is_one_day(start, end, zone) else _dated(end, zone)
    return Markup(f"{_dated(start, zone)} – {until}")  # noqa: S704 both are escaped


def _is_one_day(start: datetime, end: datetime, zone: ZoneInfo) -> bool:
    return start.astimezone(zone).date() == end.astimezone(zone).date()


@pass_context
def _day(context: Context, moment: datetime) -> str:
    return day(moment, context["zone"])


def _time(moment: datetime, zone: ZoneInfo, words: str) -> Markup:
    """Put together by hand, since a page has hundreds and `Markup.format` takes five times as long."""
    local = moment.astimezone(zone)
    exactly = escape(f"{local:%A} {local.day} {local:%B %Y, %H:%M:%S} {name_of(moment, zone)} ({place(zone)})")
    told = f'<time class="num" datetime="{local.isoformat()}" title="{exactly}">{escape(words)}</time>'
    return Markup(told)  # noqa: S704 its parts are escaped


def initials(name: str) -> str:
    words = name.split() or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


HUES = 36


@lru_cache(4_000)
def hue_class(handle: str) -> str:
    """A person's colour, the same on every page: one of the classes h-0 to h-35 of app.css, tens of degrees apart."""
    return f"h-{int.from_bytes(hashlib.sha256(handle.encode()).digest()[:2], 'big') % HUES}"


def dot(person: Any) -> Markup:
    """Somebody's colour and initials."""
    return _dot_of(person.handle, person.name)


@lru_cache(4_000)
def _dot_of(handle: str, name: str) -> Markup:
    inside = f'class="dot {hue_class(handle)}" aria-hidden="true">{escape(initials(name))}'
    return Markup(f"<span {inside}</span>")  # noqa: S704 its parts are escaped


@pass_context
def _options(context: Context, people: Iterable[Any], chosen: object = "") -> Markup:
    """People to choose from, by hand like `_time`: a schedule's page has everybody several times."""
    me = context["me"].handle
    made = (_option(each.handle, each.name, each.handle == me, each.handle == chosen) for each in people)
    return Markup("".join(made))  # noqa: S704 its parts are escaped


@lru_cache(4_000)
def _option(handle: str, name: str, is_me: bool, is_chosen: bool) -> str:
    selected, you = " selected" if is_chosen else "", " (you)" if is_me else ""
    return f'<option value="{escape(handle)}"{selected}>{escape(name)}{you}</option>'


def is_web_link(href: object) -> bool:
    """Links come with events, from anybody: only these schemes are shown as links."""
    try:
        parts = urlsplit(str(href))
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc)


def is_runbook(link: Mapping[str, str]) -> bool:
    """What tells how to mend it comes before all other links."""
    return any("runbook" in text.lower() for text in (link.get("text") or "", link["href"]))


@cache
def static(name: str) -> str:
    """The address of a static file; it changes with its content, so that nobody sees an old one."""
    content = (_FOLDER / "static" / name).read_bytes()
    return f"/static/{quote(name)}?v={hashlib.sha256(content).hexdigest()[:10]}"


@cache
def icon(name: str, label: str = "") -> Markup:
    """An icon of the sprite. Without a label it is decoration, and screen readers skip it."""
    described = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(
        described, static("vendor/lucide.svg"), name
    )


templates.env.filters |= {
    "ago": _ago,
    "when": _when,
    "clock": _clock,
    "to_the_second": _to_the_second,
    "date": _date,
    "on_the_wall": clock,
    "name_in": name_of,
    "day": _day,
    "spell": spell,
    "hue_class": hue_class,
    "options": _options,
    "place": place,
    "on_clock": words.on_clock,
    "source": words.SOURCES.__getitem__,
    "target": words.target,
    "repeats": in_words,
}
templates.env.globals |= {
    "static": static,
    "icon": icon,
    "dot": dot,
    "kinds": KINDS,
    "span": _span,
    "zone_of": ZoneInfo,
}
templates.env.tests |= {"web_link": is_web_link, "runbook": is_runbook}
templates.env.auto_reload = False  # or each part of a page would look at its file again, for every line of a list
templates.env.trim_blocks = templates.env.lstrip_blocks = True
