"""How a schedule is drawn over time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from schedules.resolve import final_shifts
from tests.schedules.cast import ALICE, BOB, override, rotation, schedule
from web.pages.schedules.blocks import Block, Who
from web.pages.schedules.lanes import Around, Chart, draw
from web.pages.schedules.timeline import View, Window
from web.pages.schedules.track import COLUMNS, SHEET, sheet

DAY = date(2026, 3, 2)
MONTH = Window(DAY, 30, ZoneInfo("UTC"))
PEOPLE = Around({handle: Who(i, handle, handle.title()) for i, handle in enumerate((ALICE, BOB))})


def at(hour: float) -> datetime:
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour)


def chart(*hours: tuple[float, float], view: View = View.MONTH, window: Window = MONTH, now: float = 0) -> Chart:
    """Of one level, on which Alice is put between these hours and nobody else is."""
    made = [override(ALICE, at(start).isoformat()[:19], at(end).isoformat()[:19]) for start, end in hours]
    plan = schedule(overrides=tuple(made), levels="L1")
    return draw(plan, final_shifts(plan, window.start, window.end), PEOPLE, view, window, at(now))


def blocks(drawn: Chart) -> list[Block]:
    return [block for block in drawn.lanes[0].blocks if block.entry.kind != "gap"]


def places(*hours: tuple[float, float]) -> list[str]:
    """Of what is drawn in a month whose columns are 90 minutes wide."""
    return [block.place for block in blocks(chart(*hours))]


def test_what_goes_on_where_another_ends_begins_in_its_column() -> None:
    assert places((0, 15), (15, 24)) == ["from-1 to-11", "from-11 to-17"]


def test_what_reaches_beyond_the_window_is_cut_off() -> None:
    assert places((-48, 24 * 40)) == [f"from-1 to-{COLUMNS + 1}"]


def test_what_is_too_short_for_a_column_has_one_and_is_not_drawn_over() -> None:
    assert places((1.5, 1.6), (1.6, 1.7), (1.7, 15)) == ["from-2 to-3", "from-3 to-4", "from-4 to-11"]


def test_what_begins_in_the_last_minutes_is_still_drawn() -> None:
    assert places((24 * 30 - 0.1, 24 * 31)) == [f"from-{COLUMNS} to-{COLUMNS + 1}"]


def test_days_lie_side_by_side_and_now_is_within_its_own() -> None:
    two = chart(view=View.WEEKS, window=Window(DAY, 2, ZoneInfo("UTC")), now=30)

    assert [tick.place for tick in two.ticks] == ["from-1 to-241", "from-241 to-481"]
    assert [tick.is_today for tick in two.ticks] == [False, True]
    assert two.now == "from-301 to-302"
    assert chart(now=-1).now == ""


def test_a_day_on_which_clocks_go_forward_is_drawn_with_23_hours() -> None:
    zone = ZoneInfo("America/New_York")
    pair = Window(date(2026, 3, 8), 2, zone)
    (short, usual) = chart(view=View.WEEKS, window=pair).ticks
    hours = chart(view=View.DAY, window=Window(pair.first, 1, zone)).ticks

    assert pair.end - pair.start == timedelta(hours=47)
    assert (short.place, usual.place) == ("from-1 to-236", "from-236 to-481")
    assert [tick.label for tick in hours if tick.label] == ["00", "03", "06", "09", "12", "15", "18", "21"]
    assert len(hours) == 23


def test_where_days_are_narrow_only_mondays_are_named() -> None:
    quarter = chart(view=View.QUARTER, window=Window(date(2026, 3, 1), 92, ZoneInfo("UTC")))

    assert [tick.label for tick in quarter.ticks if tick.label][:3] == ["2 Mar", "9 Mar", "16 Mar"]
    assert [tick.is_shaded for tick in quarter.ticks[:3]] == [True, False, False]  # 1 March is a Sunday


def test_what_nobody_covers_is_a_gap_and_a_removal_a_layer_of_its_own() -> None:
    turns = rotation(BOB, start="2026-03-02 00:00", shift="1 week")
    plan = schedule(turns, overrides=(override(None, "2026-03-04", "2026-03-05"),), levels="L1")
    drawn = draw(plan, final_shifts(plan, MONTH.start, MONTH.end), PEOPLE, View.MONTH, MONTH, at(0))

    (lane,) = drawn.lanes
    assert [block.entry.kind for block in lane.blocks][:3] == ["rotation", "gap", "rotation"]
    assert [(layer.kind, layer.name, layer.blocks[0].entry.kind) for layer in lane.below] == [
        ("override", "", "nobody"),
        ("rotation", "developers", "rotation"),
    ]


def test_the_style_sheet_knows_every_place() -> None:
    assert SHEET.read_text() == sheet()


def test_of_those_who_are_on_from_the_beginning_the_first_level_is_told_first() -> None:
    began = {"L1": "2026-03-01T12:00", "L2": "2026-02-28T12:00"}
    made = tuple(override(ALICE, start, "2026-03-05T00:00", level) for level, start in began.items())
    plan = schedule(overrides=made)

    drawn = draw(plan, final_shifts(plan, MONTH.start, MONTH.end), PEOPLE, View.MONTH, MONTH, at(0))

    assert [entry.level for entry in drawn.entries if entry.kind != "gap"] == ["L1", "L2"]


def test_a_level_that_there_was_once_has_a_lane_where_somebody_was_on_it() -> None:
    made = override(ALICE, "2026-03-03 00:00", "2026-03-04 00:00", level="L0")
    plan = replace(schedule(overrides=(made,), levels="L1"), former=("L0",))

    def lanes(window: Window) -> list[str]:
        drawn = draw(plan, final_shifts(plan, window.start, window.end), PEOPLE, View.WEEKS, window, at(48))
        return [lane.name for lane in drawn.lanes]

    assert lanes(MONTH) == ["L1", "L0"]
    assert lanes(Window(date(2026, 3, 6), 7, ZoneInfo("UTC"))) == ["L1"]
