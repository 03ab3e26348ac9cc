"""A queue in which keys take turns, so that one key's storm is no other key's wait."""

import math
from collections import defaultdict, deque
from typing import Generic, TypeVar

Item = TypeVar("Item")
SHARE = 32
"""Weight that is taken at once for each key that has any waiting, where several have: who has few need not wait until a
great many of another's are done."""


class TurnQueue(Generic[Item]):
    """Bounded. Each key's items stay in order; one of each key is taken before a second of any. Not thread-safe."""

    def __init__(self, size: int, most_weight: float = math.inf) -> None:
        self._size, self._count = size, 0
        self._most_weight, self._weight = most_weight, 0
        self._weights: dict[str, int] = defaultdict(int)
        self._lines: dict[str, deque[tuple[Item, int]]] = {}
        self._turns: deque[str] = deque()
        """The keys that have something waiting, whose turn is next first."""

    def __len__(self) -> int:
        return self._count

    def put(self, key: str, item: Item, weight: int = 1) -> bool:
        """Whether there was room. A key may take as much as it leaves free: one alone fills half, two a third each, so
        that a key which is quiet finds room whatever the others do. The same goes for what all of them weigh.
        """
        line = self._lines.get(key)
        if (len(line) if line else 0) >= self._size - self._count:
            return False
        if self._weights.get(key, 0) >= self._most_weight - self._weight:
            return False
        if line is None:
            line = self._lines[key] = deque()
            self._turns.append(key)
        line.append((item, weight))
        self._count += 1
        self._weight += weight
        self._weights[key] += weight
        return True

    def take(self, most: int) -> list[Item]:
        """In turn, until they weigh `most`; fewer where several keys wait."""
        taken: list[Item] = []
        weight = 0
        most = min(most, SHARE * len(self._turns)) if len(self._turns) > 1 else most
        while self._turns and weight < most:
            key = self._turns.popleft()
            line = self._lines[key]
            item, its_weight = line.popleft()
            taken.append(item)
            weight += its_weight
            self._weights[key] -= its_weight
            if line:
                self._turns.append(key)
            else:
                del self._lines[key], self._weights[key]
        self._count -= len(taken)
        self._weight -= weight
        return taken
