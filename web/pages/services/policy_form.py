"""Pure: what is typed into the editor of an escalation policy, and its steps added, moved and taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import FormData

from oncall.config.policy_forms import PolicyForm
from web.pages.typed import as_number, as_place

MOST_STEPS, MOST_TARGETS = 50, 50
USUAL_WAIT = "5m"


@dataclass(frozen=True, slots=True)
class TypedStep:
    page: tuple[str, ...] = ()
    wait: str = USUAL_WAIT
    in_turn: bool = False
    acknowledgements: str = "1"


@dataclass(frozen=True, slots=True)
class Typed:
    name: str = ""
    repeat: str = "0"
    fallback: str = ""
    acknowledge_timeout: str = ""
    steps: tuple[TypedStep, ...] = field(default=(TypedStep(),))

    def as_config(self) -> dict[str, Any]:
        """As the config file has it; numbers stay texts where they are none, for its checks to say so."""
        return {
            "name": self.name,
            "repeat": as_number(self.repeat),
            "fallback": self.fallback or None,
            "acknowledge_timeout": self.acknowledge_timeout or None,
            "steps": [
                {
                    "page": list(step.page),
                    "wait": step.wait,
                    "round_robin": step.in_turn,
                    "acknowledgements": as_number(step.acknowledgements),
                }
                for step in self.steps
            ],
        }


def typed_of(form: PolicyForm) -> Typed:
    written: Mapping[str, Any] = form.model_dump(mode="json")
    steps = [_stored_step(step) for step in written.get("steps", [])]
    timeout = written.get("acknowledge_timeout", "")
    return Typed(form.name, str(form.repeat), form.fallback or "", timeout, tuple(steps))


def _stored_step(written: Mapping[str, Any]) -> TypedStep:
    page = written["page"]
    targets = (page,) if isinstance(page, str) else tuple(page)
    acknowledgements = str(written.get("acknowledgements", 1))
    return TypedStep(targets, written["wait"], written.get("round_robin", False), acknowledgements)


def sent(form: FormData) -> Typed:
    texts = {name: str(form.get(name, "")).strip() for name in ("name", "repeat", "fallback", "acknowledge_timeout")}
    count = min(len(form.getlist("wait")), len(form.getlist("acknowledgements")), MOST_STEPS)
    return Typed(**texts, steps=tuple(_sent_step(form, number) for number in range(count)))


def _sent_step(form: FormData, number: int) -> TypedStep:
    page = [str(target).strip() for target in form.getlist(f"page.{number}")][:MOST_TARGETS]
    wait, acknowledgements = (str(form.getlist(name)[number]).strip() for name in ("wait", "acknowledgements"))
    in_turn = form.get(f"in_turn.{number}") is not None
    return TypedStep(tuple(target for target in page if target), wait, in_turn, acknowledgements or "1")


def changed(typed: Typed, what: str) -> Typed:
    """`what` a button asks for: "add", or with the number of a step "remove 2", "up 2", "down 2", or "out 2 0" for the
    first target of step 2.
    """
    word, *rest = what.split(" ")
    steps = list(typed.steps)
    number, place = [as_place(text) for text in [*rest, "", ""]][:2]
    if word == "add" and len(steps) < MOST_STEPS:
        steps.append(TypedStep())
    elif word == "remove" and number < len(steps) > 1:
        del steps[number]
    elif word == "out" and number < len(steps):
        page = steps[number].page
        steps[number] = replace(steps[number], page=page[:place] + page[place + 1 :])
    elif word in ("up", "down"):
        _swap(steps, number, number + (1 if word == "down" else -1))
    return replace(typed, steps=tuple(steps))


def _swap(steps: list[TypedStep], one: int, other: int) -> None:
    if min(one, other) >= 0 and max(one, other) < len(steps):
        steps[one], steps[other] = steps[other], steps[one]


def fields_of(typed: Typed) -> Sequence[str]:
    """Beside which the form says what is wrong."""
    of_steps = [f"steps.{i}.{name}" for i in range(len(typed.steps)) for name in ("page", "wait", "acknowledgements")]
    targets = [f"steps.{i}.page.{k}" for i, step in enumerate(typed.steps) for k in range(len(step.page))]
    return ["name", "repeat", "fallback", "acknowledge_timeout", *of_steps, *targets]
