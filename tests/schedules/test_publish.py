"""A shift in somebody's calendar keeps its UID when its time or person changes."""

from hypothesis import given
from hypothesis import strategies as st

from schedules.publish import Changes, PublishedEntry, reconcile
from schedules.types import Shift
from tests.schedules.cast import ALICE, BOB, CAROL, hour, utc

START = utc("2026-01-05")


def shift(person: str, start: int, end: int, level: str = "L1") -> Shift:
    return Shift("dev", level, person, START + hour(start), START + hour(end), "rotation", "developers")


def entry(uid: str, person: str, start: int, end: int, level: str = "L1") -> PublishedEntry:
    return PublishedEntry(uid, level, person, START + hour(start), START + hour(end))


def kept(changes: Changes) -> dict[str, tuple[str, int, int]]:
    """The UIDs that change, and what they become."""
    return {
        was.uid: (now.person, (now.start - START) // hour(1), (now.end - START) // hour(1))
        for was, now in changes.changed
    }


def test_what_is_unchanged_is_left_alone() -> None:
    assert reconcile([entry("a", ALICE, 0, 24)], [shift(ALICE, 0, 24)]) == Changes((), (), ())


def test_a_new_shift_is_added_and_one_no_longer_wanted_removed() -> None:
    changes = reconcile([entry("a", ALICE, 0, 24)], [shift(ALICE, 48, 72)])
    assert changes == Changes((shift(ALICE, 48, 72),), (), (entry("a", ALICE, 0, 24),))


def test_another_person_keeps_the_uid() -> None:
    assert kept(reconcile([entry("a", ALICE, 0, 24)], [shift(BOB, 0, 24)])) == {"a": (BOB, 0, 24)}


def test_so_does_the_same_person_by_an_override() -> None:
    by_hand = shift(ALICE, 0, 24)._replace(source="override", rotation=None)

    changes = reconcile([entry("a", ALICE, 0, 24)], [by_hand])

    assert changes == Changes((), ((entry("a", ALICE, 0, 24), by_hand),), ())


def test_a_shift_cut_in_two_keeps_its_uid_on_the_part_with_the_same_start() -> None:
    changes = reconcile([entry("a", ALICE, 0, 72)], [shift(ALICE, 0, 24), shift(BOB, 24, 48), shift(ALICE, 48, 72)])
    assert kept(changes) == {"a": (ALICE, 0, 24)}
    assert changes.added == (shift(BOB, 24, 48), shift(ALICE, 48, 72))
    assert changes.removed == ()


def test_the_same_end_is_next_best() -> None:
    changes = reconcile([entry("a", ALICE, 0, 24)], [shift(BOB, 1, 20), shift(ALICE, 20, 24)])
    assert kept(changes) == {"a": (ALICE, 20, 24)}


def test_then_the_most_time_in_common() -> None:
    changes = reconcile([entry("a", ALICE, 0, 24), entry("b", BOB, 24, 48)], [shift(ALICE, 2, 20), shift(BOB, 20, 44)])
    assert kept(changes) == {"a": (ALICE, 2, 20), "b": (BOB, 20, 44)}


def test_levels_are_never_mixed() -> None:
    changes = reconcile([entry("a", ALICE, 0, 24, level="L2")], [shift(ALICE, 0, 24)])
    assert (len(changes.added), len(changes.changed), len(changes.removed)) == (1, 0, 1)


def test_of_two_published_twice_one_goes() -> None:
    changes = reconcile([entry("b", ALICE, 0, 24), entry("a", ALICE, 0, 24)], [shift(ALICE, 0, 24)])
    assert changes.removed == (entry("b", ALICE, 0, 24),)


people, levels = st.sampled_from([ALICE, BOB, CAROL]), st.sampled_from(["L1", "L2"])
intervals = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda pair: (pair[0], sum(pair)))
wanted_shifts = st.lists(
    st.builds(lambda p, t, lv: shift(p, *t, lv), people, intervals, levels), max_size=12, unique=True
)
published_entries = st.lists(st.builds(lambda p, t, lv: (p, *t, lv), people, intervals, levels), max_size=12).map(
    lambda rows: [entry(str(uid), *row) for uid, row in enumerate(rows)]
)


def applied(published: list[PublishedEntry], changes: Changes) -> list[PublishedEntry]:
    touched = {was.uid for was, _ in changes.changed} | {gone.uid for gone in changes.removed}
    as_entry = [(was.uid, now) for was, now in changes.changed]
    as_entry += [(f"new-{i}", now) for i, now in enumerate(changes.added)]
    fresh = [PublishedEntry(uid, now.level, now.person, now.start, now.end, now.source) for uid, now in as_entry]
    return [one for one in published if one.uid not in touched] + fresh


@given(published_entries, wanted_shifts)
def test_applied_once_there_is_nothing_left_to_do(published: list[PublishedEntry], wanted: list[Shift]) -> None:
    after = applied(published, reconcile(published, wanted))
    shape = [(one.level, one.person, one.start, one.end) for one in after]
    assert sorted(shape) == sorted((one.level, one.person, one.start, one.end) for one in wanted)
    assert reconcile(after, wanted) == Changes((), (), ())


@given(published_entries, wanted_shifts)
def test_order_does_not_matter(published: list[PublishedEntry], wanted: list[Shift]) -> None:
    assert reconcile(published[::-1], wanted[::-1]) == reconcile(published, wanted)
