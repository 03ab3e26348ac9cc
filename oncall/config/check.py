"""Pure: every problem of a file, beyond the form of its single values."""

from collections.abc import Iterator, Sequence, Set

from oncall.config.form import Form
from oncall.config.problems import Location, Problem
from oncall.config.schema import KINDS, Config, MemberForm
from oncall.config.whole import whole_problems
from oncall.models import Role

MAY_REPEAT = frozenset({"shift", "page", "steps", "overrides", "notification_rules", "when"})
"""Lists in which the same thing may be twice; in the others texts, and names of objects, are there once."""


def problems(current: Config, wanted: Config, whole: Config, lost: Set[Location] = frozenset()) -> list[Problem]:
    """Of the file `wanted`, and of the `whole` that it makes of `current`.

    An object that is not in the file, and no worse than before, is left in peace. `lost`: places in the file that
    could not be read, of which nothing is said here.
    """
    index = _index(wanted)
    names: dict[Location, Location] = {(place[0], i): place for place, i in index.items()}
    lost_by_name = {(*names.get(place[:2], place[:2]), *place[2:]) for place in lost}
    before = frozenset(whole_problems(current))
    found = list(_repeated(wanted, ()))
    for problem in whole_problems(whole, lost_by_name):
        section, name, *rest = problem.location
        if (section, name) in index:
            found.append(Problem((section, index[section, name], *rest), problem.sentence))
        elif problem not in before:
            found.append(problem)
    return [*found, *_without_admin(current, whole, index)]


def _without_admin(current: Config, whole: Config, index: dict[Location, int]) -> Iterator[Problem]:
    """Nobody would be left to set things up. Where there is no admin yet, a file may make none."""
    admins = {user.handle for user in current.users if user.role is Role.ADMIN}
    if any(user.role is Role.ADMIN for user in whole.users):
        return
    for user in whole.users:
        if user.handle in admins:
            sentence = "would leave nobody who is an admin: make somebody else one as well"
            yield Problem(("users", index["users", user.handle], "role"), sentence)


def _index(config: Config) -> dict[Location, int]:
    """Where in its section each object is: ("users", "alice") -> 0."""
    return {(section, form.key_name): i for section in KINDS for i, form in enumerate(getattr(config, section))}


def _repeated(form: Form, place: Location) -> Iterator[Problem]:
    """What is twice in a list of the form, or of the forms within it."""
    for field in type(form).model_fields:
        value = getattr(form, field)
        here = (*place, field)
        if isinstance(value, Form):
            yield from _repeated(value, here)
        elif isinstance(value, list):
            yield from _repeated_items(value, here) if field not in MAY_REPEAT else ()
            for i, item in enumerate(value):
                if isinstance(item, Form):
                    yield from _repeated(item, (*here, i))


def _repeated_items(items: Sequence[Form | str], place: Location) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for i, item in enumerate(items):
        for name, field in _names(item):
            first = seen.setdefault(name, i)
            if first != i:
                yield Problem((*place, i, *field), f"{name} is here twice: see {place[-1]}[{first}] as well")


def _names(item: Form | str) -> Iterator[tuple[str, Location]]:
    """What may be in the list once, and the field that says it."""
    if isinstance(item, MemberForm):
        may_come_back = item.joins is not None or item.leaves is not None
        yield from () if may_come_back else ((handle, ()) for handle in dict.fromkeys(item.user))
    elif isinstance(item, Form):
        yield item.key_name, (item.key_field,)
    else:
        yield item, ()
