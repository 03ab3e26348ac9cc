"""A message tried out: what a key with these options would make of it. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from oncall.alerts.event import Event
from oncall.errors import OncallError
from oncall.ingest.reading import BadEvent, Inbound
from oncall.ingest.tool import Tool, problem_with


@dataclass(frozen=True, slots=True)
class Preview:
    """The events that would be made, or why none would. Neither: the message is about no problem."""

    events: list[Event]
    problems: list[str]


def preview(tool: Tool, options: Mapping[str, str], inbound: Inbound) -> Preview:
    """`inbound` as it came, or is imagined. Its signature is not checked: what was kept of it has none any more."""
    problem = problem_with(tool, options)
    if problem:
        return Preview([], [problem])
    unsigned = {name: value for name, value in options.items() if name not in tool.secrets}
    try:
        return Preview(tool.parse(replace(inbound, options=unsigned)), [])
    except BadEvent as error:
        return Preview([], error.problems)
    except OncallError as error:
        return Preview([], [error.detail])
