"""What is known of a sending tool: how its messages are read, and how somebody points it at us."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from oncall.alerts.event import Event
from oncall.ingest.reading import Inbound

Parser = Callable[[Inbound], list[Event]]
"""Pure: a request in, its Events out, in order; none where the message is about no problem. Raises BadEvent."""

URL, KEY = "@URL@", "@KEY@"
"""In a recipe, where the address of the key and the key itself go."""
SCHEME, HOST, PATH = "@SCHEME@", "@HOST@", "@PATH@"
"""The parts of the address, for a tool that asks for each."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a recipe: what to do, and what to paste there, if anything."""

    do: str
    paste: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A realistic request, as the tool sends it."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    """A row of the registry. `trigger` is what a test event sends; `resolve` is what the tool sends when it is over."""

    title: str
    """As its makers write it."""
    parse: Parser
    trigger: Sample
    resolve: Sample | None
    """None for a tool that never says so."""
    recipe: tuple[Step, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    """What can be set on a key of this tool: the option's name, and a sentence on what it does."""
    secrets: frozenset[str] = frozenset()
    """Options that are never shown again."""
    check: Callable[[Mapping[str, str]], str] = lambda _options: ""
    """What is wrong with the values of the options, in a sentence that names the option; empty when nothing is."""
    methods: frozenset[str] = frozenset({"POST"})
    """Of HTTP. A tool that can only GET sends its fields in the query."""
    path: str = ""
    """What the tool appends to the address by itself, if anything; the bare address is taken too."""
    gathers: bool = False
    """It puts all alerts of a group into one message, and what is refused it does not send again: where most is wrong,
    its messages are longest."""
    counts: bool = False
    """It numbers what it watches from 1, as each of its installations does: its dedup keys mean something only beside
    the integration key that they come by."""
    comes_by_sns: bool = False
    """In messages of Amazon SNS, which are signed with a certificate to be fetched (see `sns_office`)."""


def filled(recipe: tuple[Step, ...], url: str, key: str) -> list[Step]:
    """With the address and the key where they go."""
    parts = urlsplit(url)
    values = {URL: url, KEY: key, SCHEME: parts.scheme, HOST: parts.netloc, PATH: parts.path}
    return [Step(step.do, re.sub("@[A-Z]+@", lambda mark: values.get(mark[0], mark[0]), step.paste)) for step in recipe]


def problem_with(tool: Tool, options: Mapping[str, str]) -> str:
    """What is wrong with the options of a key, in a sentence; empty when nothing is."""
    unknown = sorted(options.keys() - tool.options.keys())
    if not unknown:
        return tool.check(options)
    known = f"known are {', '.join(sorted(tool.options))}" if tool.options else "it has none"
    return f"{tool.title} has no option “{unknown[0]}”: {known}"
