"""Pure: how many more requests of a kind may be under way, so that a kind that hangs leaves threads to the others.

A kind may take one more while it has fewer than are free, or none at all: alone it comes to half of all threads, the
next that hangs to half of the rest, and so on. A fixed part for each kind would leave most threads idle.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


class Shares:
    """`busy`: how many requests of each kind are under way."""

    def __init__(self, threads: int, busy: Mapping[str, int]) -> None:
        self._threads, self._busy = threads, Counter(busy)

    @property
    def free(self) -> int:
        return self._threads - self._busy.total()

    @property
    def full(self) -> list[str]:
        """The kinds that may take no more for now."""
        return [kind for kind in self._busy if not self.have_room(kind)]

    def have_room(self, kind: str) -> bool:
        return self.free > 0 and self._busy[kind] < max(1, self.free)

    def take(self, kind: str) -> None:
        self._busy[kind] += 1

    def fit(self, items: Iterable[T], kind_of: Callable[[T], str]) -> list[T]:
        """Those for which there is room, taken one after the other."""
        left = Shares(self._threads, self._busy)
        fitting = []
        for item in items:
            if left.have_room(kind_of(item)):
                left.take(kind_of(item))
                fitting.append(item)
        return fitting
