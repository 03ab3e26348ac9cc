"""Pure: given a policy, where an alert stands in it and who its targets are now, decide the next step.

A step with nobody in it runs on at once. After the last step the steps repeat; the fallback is paged when a whole
round found nobody, and once more at the very end. A round that reaches nobody does not count, so that an alert which
fires into a gap is still paged when the gap ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

RETRY_WAIT = timedelta(minutes=1)
"""The least time between two rounds that reach nobody."""


@dataclass(frozen=True, slots=True)
class Step:
    page: tuple[str, ...]
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    repeat: int
    fallback: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """`step` runs next (0-based); `round` rounds are over; `reached`: somebody was paged in this one."""

    step: int = 0
    round: int = 0
    reached: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who can be paged, and as what: `role` is "dev L1", "team dev" or "" for a person by name."""

    user_id: int
    name: str
    role: str
    delay: timedelta = timedelta()
    """Somebody who learns is paged first, and this one so much later."""
    is_shadow: bool = False
    """Follows along: is told, and does not count as somebody who was paged."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who a target means at this moment; `problem` says why it is nobody."""

    recipients: tuple[Recipient, ...] = ()
    problem: str = ""
    shadows: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True)
class PageOrder:
    recipient: Recipient
    step: int
    round: int
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`next_at` None: nothing more will happen by itself."""

    pages: tuple[PageOrder, ...]
    notes: tuple[str, ...]
    position: Position
    next_at: datetime | None
    closing: str = ""
    """What the timeline says after the pages."""


def retry_at(policy: Policy, now: datetime) -> datetime:
    """When a round that reached nobody is run again."""
    return now + max([RETRY_WAIT, *(step.wait for step in policy.steps[-1:])])


def decide(
    policy: Policy, position: Position, now: datetime, resolutions: Mapping[str, Resolution], because: str
) -> Decision:
    """The next step. `because` is why there is one: "no answer from Alice Archer for 5 min"."""
    notes: list[str] = []
    while True:
        if position.step < len(policy.steps):
            step = policy.steps[position.step]
            recipients, problems = _resolve(step.page, resolutions)
            notes += problems
            after_step = Position(position.step + 1, position.round, position.reached or bool(recipients))
            if recipients:
                pages = _orders((*recipients, *_shadows(step.page, recipients, resolutions)), position, because)
                return Decision(pages, tuple(notes), after_step, now + step.wait)
            position = after_step
        elif position.reached and position.round < policy.repeat:
            position = Position(round=position.round + 1)
            notes.append(f"Nobody answered: starting again, round {position.round + 1} of {policy.repeat + 1}")
        else:
            return _last_resort(policy, position, now, resolutions, because, notes)


def _last_resort(
    policy: Policy,
    position: Position,
    now: datetime,
    resolutions: Mapping[str, Resolution],
    because: str,
    notes: list[str],
) -> Decision:
    """The fallback, at the end of everything or of a round that reached nobody."""
    targets = (policy.fallback,) if policy.fallback else ()
    recipients, problems = _resolve(targets, resolutions)
    notes += problems
    why = f"the policy's fallback: {because}" if position.reached else "the policy's fallback: nobody else can be paged"
    pages = _orders(recipients, position, why)
    is_last = position.round >= policy.repeat and (position.reached or bool(recipients))
    if is_last:
        closing = "Every step has been tried: nobody else will be paged unless somebody escalates"
        return Decision(pages, tuple(notes), Position(round=position.round), None, closing)
    if not recipients:
        notes.append(f"Nobody can be paged by policy {policy.name}: trying again until somebody can be")
    return Decision(pages, tuple(notes), Position(round=position.round + bool(recipients)), retry_at(policy, now))


def _resolve(
    targets: tuple[str, ...], resolutions: Mapping[str, Resolution]
) -> tuple[tuple[Recipient, ...], list[str]]:
    """The people behind `targets`, each once, and a note for each target that is nobody."""
    found: dict[int, Recipient] = {}
    notes = []
    for target in targets:
        resolution = resolutions[target]
        for recipient in resolution.recipients:
            found.setdefault(recipient.user_id, recipient)
        if resolution.problem:
            notes.append(resolution.problem)
    return tuple(found.values()), notes


def _shadows(
    targets: tuple[str, ...], recipients: tuple[Recipient, ...], resolutions: Mapping[str, Resolution]
) -> tuple[Recipient, ...]:
    """Who follows along, each once, but for those who are paged themselves."""
    paged = {recipient.user_id for recipient in recipients}
    found = {shadow.user_id: shadow for target in targets for shadow in resolutions[target].shadows}
    return tuple(shadow for user_id, shadow in found.items() if user_id not in paged)


def _orders(recipients: tuple[Recipient, ...], position: Position, because: str) -> tuple[PageOrder, ...]:
    return tuple(PageOrder(recipient, position.step, position.round, because) for recipient in recipients)
