"""Pure: what may be done to the rotations of a schedule by hand, each as data. The last in the list wins."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from oncall.config.schema import RotationForm
from oncall.errors import BadInput, NotFound


class BadRotation(BadInput):
    """`faults`: by the field of the config file, a sentence."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("The rotation can't be saved so.", problems=list(faults.values()))
        self.faults = faults


class RotationChange(Protocol):
    @property
    def token(self) -> str:
        """Stands for just this change."""

    def concerns(self, rotations: Sequence[RotationForm]) -> list[RotationForm]:
        """Those that the form of the change is filled in from, as they are now. Raises NotFound."""

    def made(self, rotations: Sequence[RotationForm]) -> list[RotationForm]:
        """The rotations as they would be. Raises NotFound or BadRotation."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """One rotation, edited."""

    new: RotationForm

    @property
    def token(self) -> str:
        return as_text([self.new])

    def concerns(self, rotations: Sequence[RotationForm]) -> list[RotationForm]:
        return [named(rotations, self.new.name)]

    def made(self, rotations: Sequence[RotationForm]) -> list[RotationForm]:
        return [self.new if each.name == self.new.name else each for each in rotations]


@dataclass(frozen=True, slots=True)
class Added:
    """One more, which wins over all others."""

    new: RotationForm

    @property
    def token(self) -> str:
        return as_text([self.new])

    def concerns(self, rotations: Sequence[RotationForm]) -> list[RotationForm]:
        return list(rotations)

    def made(self, rotations: Sequence[RotationForm]) -> list[RotationForm]:
        if self.new.name in {each.name for each in rotations}:
            raise BadRotation({"name": f"there is a rotation {self.new.name} already: choose another name"})
        return [*rotations, self.new]


@dataclass(frozen=True, slots=True)
class Ordered:
    """In another order, and without some. What is named in neither came meanwhile: it stays, as the last."""

    names: Sequence[str]
    without: Sequence[str] = ()

    @property
    def token(self) -> str:
        return json.dumps([*self.names, "", *self.without])

    def concerns(self, rotations: Sequence[RotationForm]) -> list[RotationForm]:
        return list(rotations)

    def settled(self, rotations: Sequence[RotationForm]) -> "Ordered":
        """With those that came meanwhile, and without those that are gone."""
        known = {each.name for each in rotations}
        return Ordered([each.name for each in self.made(rotations)], [name for name in self.without if name in known])

    def made(self, rotations: Sequence[RotationForm]) -> list[RotationForm]:
        places = {name: place for place, name in enumerate(self.names)}
        kept = [each for each in rotations if each.name not in self.without]
        return sorted(kept, key=lambda each: places.get(each.name, len(places)))


def named(rotations: Sequence[RotationForm], name: str) -> RotationForm:
    """Raises NotFound."""
    found = {each.name: each for each in rotations}
    if name not in found:
        known = ", ".join(found) or "none"
        raise NotFound(f"The schedule has no rotation {name} (any more). It has {known}.", field="rotation")
    return found[name]


def as_text(rotations: Sequence[RotationForm]) -> str:
    """What `rotation_edits.read_seen` makes the same rotations of."""
    return json.dumps([each.model_dump(mode="json") for each in rotations], sort_keys=True)
