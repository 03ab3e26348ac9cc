"""Keys take turns, and whoever floods finds an end before others do."""

from hypothesis import given
from hypothesis import strategies as st

from oncall.ingest.turns import SHARE, TurnQueue


def filled(*keys: str, size: int = 1000) -> TurnQueue[str]:
    queue: TurnQueue[str] = TurnQueue(size)
    for number, key in enumerate(keys):
        queue.put(key, f"{key}{number}")
    return queue


def test_one_of_each_key_is_taken_before_a_second_of_any() -> None:
    queue = filled("a", "a", "a", "b", "c")

    assert queue.take(4) == ["a0", "b3", "c4", "a1"]
    assert queue.take(4) == ["a2"]
    assert len(queue) == 0


def test_whose_turn_it_was_waits_for_the_others() -> None:
    queue = filled("a", "a", "b")
    queue.take(1)
    queue.put("c", "c9")

    assert queue.take(9) == ["b2", "a1", "c9"]


def test_a_flood_fills_half_and_leaves_room_for_others() -> None:
    queue = filled(*["flood"] * 50, size=20)

    assert len(queue) == 10
    assert queue.put("quiet", "quiet0")
    assert queue.take(2) == ["flood0", "quiet0"]


def test_beside_a_flood_few_are_taken_at_once_so_that_the_quiet_are_soon_done() -> None:
    assert len(filled(*["flood"] * 500).take(256)) == 256
    assert len(filled(*["flood"] * 500, "quiet").take(256)) == 2 * SHARE


def test_fewer_are_taken_when_they_are_heavy_but_always_one() -> None:
    queue: TurnQueue[str] = TurnQueue(100)
    for name, weight in (("a", 4), ("b", 4), ("c", 4), ("d", 400)):
        queue.put("key", name, weight)

    assert [queue.take(8), queue.take(1), queue.take(1)] == [["a", "b"], ["c"], ["d"]]


def test_however_many_flood_somebody_quiet_finds_room() -> None:
    queue = filled(*["a", "b", "c"] * 50, size=20)

    assert queue.put("quiet", "quiet0")


def test_what_is_heavy_fills_it_sooner_and_leaves_room_for_others_too() -> None:
    queue: TurnQueue[str] = TurnQueue(1000, most_weight=100)
    taken_in = [queue.put("flood", f"flood{number}", 25) for number in range(4)]

    assert taken_in == [True, True, False, False]
    assert queue.put("quiet", "quiet0", 25)
    assert queue.take(1000) == ["flood0", "quiet0", "flood1"]
    assert queue.put("flood", "flood4", 25)


def test_one_that_is_heavier_than_all_may_be_is_taken_in_alone() -> None:
    queue: TurnQueue[str] = TurnQueue(1000, most_weight=100)

    assert queue.put("key", "heavy", 400)
    assert not queue.put("other", "light", 1)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=200))
def test_nothing_is_lost_and_each_key_stays_in_order(steps: list[tuple[str, int]]) -> None:
    queue: TurnQueue[tuple[str, int]] = TurnQueue(50)
    accepted, taken = [], []
    for number, (key, takes) in enumerate(steps):
        if queue.put(key, (key, number)):
            accepted.append((key, number))
        taken += queue.take(takes)
    taken += queue.take(1000)

    assert len(queue) == 0
    for key in "abc":
        assert [item for item in taken if item[0] == key] == [item for item in accepted if item[0] == key]
