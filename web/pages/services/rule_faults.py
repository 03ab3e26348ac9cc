"""Pure: what is wrong with rules of routing, beside the fields of the rule that it is about."""

import re
from collections.abc import Iterator

from oncall.config.problems import BadConfig
from oncall.errors import BadInput
from web.pages.services.rule_draft import Draft
from web.pages.standing import Wrong

ITSELF = "itself"
"""Where a rule is wrong as a whole."""
PLAIN = ("name", "hours", "timezone", "service", "urgency", "severity", ITSELF)
IN_THE_FILE = re.compile(r"\brules\[(\d+)\]")


def wrong_in(draft: Draft, error: BadInput) -> Wrong:
    """Opens the first rule that is wrong, unless one is open that is: what is wrong with others is said above."""
    found = list(_found(error))
    places = [place for place, _, _ in found if place < len(draft.rules)]
    if places and draft.open not in places:
        draft.open = places[0]
    mine: dict[str, str] = {}
    for place, field, said in found:
        if place == draft.open:
            mine[field] = "; ".join(filter(None, (mine.get(field), said)))
    others = [_line(draft, *each) for each in found if each[0] != draft.open]
    return Wrong(mine, others if found else error.problems or [error.detail])


def told_of(draft: Draft, error: BadInput) -> list[str]:
    """All of it as a list, with the number and name of each rule."""
    return [_line(draft, *each) for each in _found(error)] or error.problems or [error.detail]


def fields_of(draft: Draft) -> list[str]:
    """Beside which something can be said."""
    conditions = draft.rules[draft.open].when if draft.open is not None else ()
    return [*PLAIN, *(f"when.{number}" for number, _ in enumerate(conditions))]


def _found(error: BadInput) -> Iterator[tuple[int, str, str]]:
    """The place of the rule, its field, and the sentence."""
    for each in error.found if isinstance(error, BadConfig) else ():
        if "rules" in each.location:
            place, *field = each.location[each.location.index("rules") + 1 :]
            yield int(place), ".".join(map(str, field[:2])) or ITSELF, IN_THE_FILE.sub(_numbered, each.sentence)


def _numbered(found: re.Match[str]) -> str:
    return f"rule {int(found[1]) + 1}"


def _line(draft: Draft, place: int, field: str, said: str) -> str:
    name = draft.rules[place].name if place < len(draft.rules) else ""
    called = f"Rule {place + 1}{f' “{name}”' if name else ''}"
    return f"{called}: {said}" if field == ITSELF else f"{called}, {field}: {said}"
