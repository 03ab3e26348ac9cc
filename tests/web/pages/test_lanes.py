"""How a schedule's weeks are drawn."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from schedules.types import Gap
from web.pages.lanes import Window, draw, entries_of
from web.pages.track import COLUMNS, SHEET, sheet

DAY = date(2026, 3, 2)
MONTH = Window(DAY, 30, ZoneInfo("UTC"))


def at(hour: float) -> datetime:
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour)


def places(*gaps: tuple[float, float]) -> list[str]:
    """Of what is drawn for gaps between these hours of a month whose columns are 90 minutes wide."""
    entries = entries_of([], [Gap("L1", at(start), at(end)) for start, end in gaps])
    return [block.place for block in draw(["L1"], entries, MONTH, at(0)).lanes["L1"]]


def test_what_goes_on_where_another_ends_begins_in_its_column() -> None:
    assert places((0, 15), (15, 24)) == ["from-1 to-11", "from-11 to-17"]


def test_what_reaches_beyond_the_window_is_cut_off() -> None:
    assert places((-48, 24 * 40)) == [f"from-1 to-{COLUMNS + 1}"]


def test_what_is_too_short_for_a_column_has_one_and_is_not_drawn_over() -> None:
    assert places((1.5, 1.6), (1.6, 1.7), (1.7, 15)) == ["from-2 to-3", "from-3 to-4", "from-4 to-11"]


def test_what_begins_in_the_last_minutes_is_still_drawn() -> None:
    assert places((24 * 30 - 0.1, 24 * 31)) == [f"from-{COLUMNS} to-{COLUMNS + 1}"]


def test_days_lie_side_by_side_and_now_is_within_its_own() -> None:
    chart = draw(["L1"], [], Window(DAY, 2, ZoneInfo("UTC")), at(30))

    assert [day.place for day in chart.days] == ["from-1 to-241", "from-241 to-481"]
    assert chart.now == "from-301 to-302"
    assert draw(["L1"], [], MONTH, at(-1)).now == ""


def test_the_style_sheet_knows_every_place() -> None:
    assert SHEET.read_text() == sheet()
