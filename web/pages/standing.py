"""How an edited form stands when it is shown: what it was filled in from, and why it is not saved yet."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oncall.config.problems import BadConfig, Problem
from oncall.config.schema import KINDS
from oncall.errors import OncallError

IN_THE_FILE = re.compile(r": see \S+\[\d+\]\S* as well$")
"""Where it is first, as a file has it."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """By field, as `steps.1.wait`; `others` are of no field of the form."""

    fields: Mapping[str, str] = field(default_factory=dict)
    others: Sequence[str] = ()

    @classmethod
    def of(cls, error: OncallError) -> "Wrong":
        if isinstance(error, BadConfig):
            mine = {
                _field(each): IN_THE_FILE.sub("", each.sentence) for each in error.found if each.location[1:2] == (0,)
            }
            return cls(mine, [_elsewhere(each) for each in error.found if each.location[1:2] != (0,)])
        return cls({error.field: error.detail}) if error.field else cls({}, error.problems or [error.detail])

    def __getitem__(self, name: str) -> str:
        """Also of what is in a list that the form has as one text: `labels.0` is said at `labels`."""
        within = (said for field, said in self.fields.items() if field == name or _is_item(field, name))
        return "; ".join(dict.fromkeys(within))

    def besides(self, shown: Sequence[str]) -> list[str]:
        """What is said of other fields than those `shown`."""
        said = (f"{name}: {text}" for name, text in self.fields.items() if not _is_among(name, shown))
        return [*self.others, *said]


def _field(problem: Problem) -> str:
    return ".".join(map(str, problem.location[2:]))


def _elsewhere(problem: Problem) -> str:
    """Of an object that is set up already, and does not go together with what was sent."""
    section, *name = problem.location[:2]
    return f"{KINDS.get(str(section), section)} {' '.join(map(str, name))}: {problem.sentence}"


def _is_item(field: str, of: str) -> bool:
    parent, _, index = field.rpartition(".")
    return parent == of and index.isdecimal()


def _is_among(name: str, shown: Sequence[str]) -> bool:
    return name in shown or any(_is_item(name, each) for each in shown)


@dataclass(frozen=True, slots=True)
class Standing:
    base: str
    """For the form to carry; empty while the object is new."""
    wrong: Wrong = field(default_factory=Wrong)
    changes: Sequence[str] = ()
    """What somebody else did meanwhile, in the words of the config."""
    status: int = 200

    def shown_with(self, fields: Sequence[str]) -> dict[str, object]:
        """For the template. `fields`: beside which it says what is wrong."""
        return {
            "base": self.base,
            "is_new": not self.base,
            "wrong": self.wrong,
            "others": self.wrong.besides(fields),
            "changes": self.changes,
        }
