"""At which hours people are paged, each by the clock where they live."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from oncall.reports.pages_taken import taken_hourly
from oncall.reports.scope import Scope
from oncall.reports.sheet import Sheet, count_of, share, stacked
from oncall.reports.window import Window


@dataclass(slots=True)  # not frozen: a large company has thousands, and to make one takes three times as long then
class Row:
    """Pages of one person in one hour of the day, 0 to 23, where they live."""

    handle: str
    name: str
    hour: int
    pages: int


def rows(session: Session, window: Window, scope: Scope) -> list[Row]:
    """By handle and hour; without hours in which nobody was paged."""
    found = taken_hourly(session, window.start, window.end)
    people = sorted((scope.people[user_id].handle, user_id) for user_id in found if user_id in scope.people)
    return [
        Row(handle, scope.people[user_id].name, hour, pages)
        for handle, user_id in people
        for hour, pages in enumerate(found[user_id])
        if pages
    ]


def sheet(found: Sequence[Row], window: Window) -> Sheet:
    labels = [f"{hour:02}:00" for hour in range(24)]
    shown = _told_apart({row.handle: row.name for row in found})
    counts = {(labels[row.hour], shown[row.handle]): row.pages for row in found}
    return stacked(counts, labels, "Hour", "more people", _said(found))


def _told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """By handle, the name; of those who have the same, with the handle."""
    times = Counter(names.values())
    return {handle: name if times[name] == 1 else f"{name} ({handle})" for handle, name in names.items()}


def _said(found: Sequence[Row]) -> str:
    by_hour = Counter[int]()
    for row in found:
        by_hour[row.hour] += row.pages
    total = by_hour.total()
    if not total:
        return ""
    busiest, count = by_hour.most_common(1)[0]
    people, hours = (
        count_of(len({row.handle for row in found}), "person", "people"),
        f"{busiest:02}:00 and {busiest + 1:02}:00",
    )
    return f"{count_of(total, 'page', 'pages')} to {people}; {share(count, total)} between {hours}."
