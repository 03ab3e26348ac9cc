"""Pure: what is typed into the form of a team, and as the config file has it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

from oncall.config.schema import TeamForm

MOST_ADDRESSES = 50


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """`is_stored`: then an empty address means the one that it has; it is never shown in full."""

    name: str = ""
    kind: str = ""
    address: str = ""
    is_stored: bool = False
    is_gone: bool = False

    def as_config(self) -> dict[str, Any]:
        if self.is_stored and not self.address:
            return {"name": self.name}
        return {"name": self.name, "kind": self.kind, "address": self.address}


@dataclass(frozen=True, slots=True)
class Typed:
    name: str = ""
    members: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    addresses: tuple[TypedAddress, ...] = ()

    @property
    def kept(self) -> Sequence[TypedAddress]:
        return [each for each in self.addresses if not each.is_gone]

    @property
    def rows(self) -> Iterator[tuple[TypedAddress, str]]:
        """Each address with its place in the config, for what is wrong with it; and an empty one for another."""
        kept = self.kept
        for each in self.addresses:
            yield each, f"contact_methods.{kept.index(each)}" if each in kept else ""
        yield TypedAddress(), ""

    @property
    def fields(self) -> list[str]:
        """Beside which the form says what is wrong."""
        of_addresses = [f"{place}.{name}" for _, place in self.rows if place for name in ("name", "kind", "address")]
        return ["name", "members", "managers", *of_addresses]

    def as_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "members": list(self.members),
            "managers": list(self.managers),
            "contact_methods": [each.as_config() for each in self.kept],
        }


def typed_of(form: TeamForm) -> Typed:
    addresses = [TypedAddress(each.name, each.kind, is_stored=True) for each in form.contact_methods]
    return Typed(form.name, tuple(form.members), tuple(form.managers), tuple(addresses))


def sent(form: FormData) -> Typed:
    """Whoever is chosen to be added is a member from then on."""
    handles = {name: [str(each) for each in form.getlist(name)] for name in ("members", "managers")}
    added = str(form.get("person", ""))
    members = dict.fromkeys([*handles["members"], *([added] if added else [])])
    addresses = tuple(each for each in _addresses(form) if each.name or each.address)
    return Typed(
        str(form.get("name", "")).strip(), tuple(members), tuple(dict.fromkeys(handles["managers"])), addresses
    )


def _addresses(form: FormData) -> Iterator[TypedAddress]:
    columns = [[str(each).strip() for each in form.getlist(f"at.{name}")] for name in ("name", "kind", "address", "is")]
    gone = set(form.getlist("gone"))
    for name, kind, address, is_ in list(zip(*columns, strict=False))[:MOST_ADDRESSES]:
        typed = TypedAddress(name, kind, address, is_stored=is_ == "stored")
        yield replace(typed, is_gone=typed.is_stored and name in gone)
