"""Pure: given a policy, where an alert stands in it and who its targets are now, decide the next step.

A step with nobody in it runs on at once, and so does one that only posts to addresses of teams. After the last step the
steps repeat; the fallback is paged when a whole round found nobody, and once more at the very end. A round that reaches
nobody does not count, so that an alert which fires into a gap is still paged when the gap ends.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

RETRY_WAIT = timedelta(minutes=1)
"""The least time between two rounds that reach nobody."""
STARTING_AGAIN = "Nobody answered: starting again, "


@dataclass(frozen=True, slots=True)
class Step:
    page: tuple[str, ...]
    wait: timedelta
    round_robin: bool = False
    """Pages one of its people, in turn."""
    acknowledgements: int = 1
    """By how many people."""


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    repeat: int
    fallback: str | None
    steps: tuple[Step, ...]
    acknowledge_timeout: timedelta | None = None
    """How long somebody who has acknowledged may take to resolve."""


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
class Post:
    """An address of a team's own. Nobody is paged by what is posted there."""

    method_id: int
    name: str
    """Such as "dev's #warroom (slack)"."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who a target means at this moment; `problem` says why it is nobody."""

    recipients: tuple[Recipient, ...] = ()
    problem: str = ""
    shadows: tuple[Recipient, ...] = ()
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class PageOrder:
    recipient: Recipient
    step: int
    round: int
    reason: str
    takes_turn: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`next_at` None: nothing more will happen by itself."""

    pages: tuple[PageOrder, ...]
    notes: tuple[str, ...]
    position: Position
    next_at: datetime | None
    closing: str = ""
    """What the timeline says after the pages."""
    posts: tuple[Post, ...] = ()
    acknowledgements: int | None = None
    """How many are needed from now on; None: as many as before."""


@dataclass(frozen=True, slots=True)
class SoFar:
    """What else counts: who need not be paged any more, and when people had their turns."""

    acknowledged: Set[int] = frozenset()
    """User ids."""
    turns: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """By step and user id, the number of the last turn; those who are not in it never had one."""


NOTHING = SoFar()


def retry_at(policy: Policy, now: datetime) -> datetime:
    """When a round that reached nobody is run again."""
    return now + max([RETRY_WAIT, *(step.wait for step in policy.steps[-1:])])


def decide(
    policy: Policy,
    position: Position,
    now: datetime,
    resolutions: Mapping[str, Resolution],
    because: str,
    so_far: SoFar = NOTHING,
) -> Decision:
    """The next step. `because` is why there is one: "no answer from Alice Archer for 5 min"."""
    notes: list[str] = []
    posts: dict[int, Post] = {}
    while True:
        if position.step < len(policy.steps):
            step = policy.steps[position.step]
            recipients, problems = _resolve(step.page, resolutions, so_far)
            notes += problems
            step_posts = {post.method_id: post for target in step.page for post in resolutions[target].posts}
            posts |= step_posts
            after_step = Position(position.step + 1, position.round, position.reached or bool(recipients))
            if recipients:
                pages = _pages(step, recipients, position, resolutions, because, so_far)
                # whoever is paged after a newcomer has the whole wait too
                told_at, needed = now + max(page.recipient.delay for page in pages), step.acknowledgements
                return Decision(
                    pages,
                    tuple(notes),
                    after_step,
                    told_at + step.wait,
                    posts=tuple(posts.values()),
                    acknowledgements=needed,
                )
            if step_posts:
                notes.append(f"Step {position.step + 1} posts and pages nobody: running on at once")
            position = after_step
        elif position.reached and position.round < policy.repeat:
            position = Position(round=position.round + 1)
            notes.append(f"{STARTING_AGAIN}round {position.round + 1} of {policy.repeat + 1}")
        else:
            last = _last_resort(policy, position, now, resolutions, because, so_far)
            return replace(last, notes=(*notes, *last.notes), posts=tuple(posts.values()))


def _last_resort(
    policy: Policy,
    position: Position,
    now: datetime,
    resolutions: Mapping[str, Resolution],
    because: str,
    so_far: SoFar,
) -> Decision:
    """The fallback, at the end of everything or of a round that reached nobody."""
    targets = (policy.fallback,) if policy.fallback else ()
    recipients, notes = _resolve(targets, resolutions, so_far)
    why = f"the policy's fallback: {because}" if position.reached else "the policy's fallback: nobody else can be paged"
    pages, needed = _orders(recipients, position, why), 1 if recipients else None
    is_last = position.round >= policy.repeat and (position.reached or bool(recipients))
    if is_last:
        closing = "Every step has been tried: nobody else will be paged unless somebody escalates"
        after_all = Position(round=position.round)
        return Decision(pages, tuple(notes), after_all, None, closing, acknowledgements=needed)
    if not recipients:
        notes.append(f"Nobody can be paged by policy {policy.name}: trying again until somebody can be")
    again = Position(round=position.round + bool(recipients))
    return Decision(pages, tuple(notes), again, retry_at(policy, now), acknowledgements=needed)


def _resolve(
    targets: tuple[str, ...], resolutions: Mapping[str, Resolution], so_far: SoFar
) -> tuple[tuple[Recipient, ...], list[str]]:
    """The people behind `targets`, each once, and a note for each who need not be paged and each target of nobody."""
    found: dict[int, Recipient] = {}
    notes = []
    for target in targets:
        resolution = resolutions[target]
        for recipient in resolution.recipients:
            found.setdefault(recipient.user_id, recipient)
        if resolution.problem:
            notes.append(resolution.problem)
    notes += [f"{one.name} was not paged: has acknowledged" for one in found.values() if _has_answered(one, so_far)]
    return tuple(one for one in found.values() if not _has_answered(one, so_far)), notes


def _has_answered(recipient: Recipient, so_far: SoFar) -> bool:
    return recipient.user_id in so_far.acknowledged


def _pages(
    step: Step,
    recipients: tuple[Recipient, ...],
    position: Position,
    resolutions: Mapping[str, Resolution],
    because: str,
    so_far: SoFar,
) -> tuple[PageOrder, ...]:
    shadows = _shadows(step.page, recipients, resolutions)
    if step.round_robin:
        recipients = _in_turn(recipients, position.step, so_far)
        shadows = tuple(shadow for shadow in shadows if shadow.role in {one.role for one in recipients})
    pages = _orders(recipients, position, because, takes_turn=step.round_robin)
    return pages + _orders(shadows, position, because)


def _in_turn(recipients: tuple[Recipient, ...], step: int, so_far: SoFar) -> tuple[Recipient, ...]:
    """Whoever has waited longest. Somebody who learns by being paged first comes with whoever is paged after them."""
    longest = min(recipients, key=lambda one: so_far.turns.get((step, one.user_id), 0))
    same_role = tuple(one for one in recipients if one.role == longest.role)
    return same_role if any(one.delay for one in same_role) else (longest,)


def _shadows(
    targets: tuple[str, ...], recipients: tuple[Recipient, ...], resolutions: Mapping[str, Resolution]
) -> tuple[Recipient, ...]:
    """Who follows along, each once, but for those who are paged themselves."""
    paged = {recipient.user_id for recipient in recipients}
    found = {shadow.user_id: shadow for target in targets for shadow in resolutions[target].shadows}
    return tuple(shadow for user_id, shadow in found.items() if user_id not in paged)


def _orders(
    recipients: tuple[Recipient, ...], position: Position, because: str, *, takes_turn: bool = False
) -> tuple[PageOrder, ...]:
    return tuple(PageOrder(one, position.step, position.round, because, takes_turn) for one in recipients)
