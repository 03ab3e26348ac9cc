"""YAML read so that nothing surprising happens, and written to be read by people.

Text stays text: `no`, `on`, 10:00, 0123, 2026-01-05 and +12025550101 mean what they look like. Only null, true and
false are special, and only unquoted. Aliases, tags and repeated keys are errors. The parser's events are used in place
of its loader, since the loader's recursion can be driven to a crash. What is JSON is read as JSON.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from oncall.config.json_text import NotJson, read_json
from oncall.errors import BadInput

LARGEST = 2_000_000
"""Characters in a file."""
DEEPEST = 20
"""Levels of nesting; the config file needs 7."""
SPECIAL = {"": None, "~": None, "null": None, "true": True, "false": False}
PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Events = Iterator[yaml.Event]


def read_yaml(text: str) -> Any:
    """Maps, lists, texts, None, True and False. Raises BadInput that names the line and column."""
    if len(text) > LARGEST:
        raise BadInput(f"The file is too long: {LARGEST:,} characters are the most")
    try:
        return read_json(text, DEEPEST)
    except NotJson:
        return _read_yaml(text)


def _read_yaml(text: str) -> Any:
    try:
        return _document(yaml.parse(text, Loader=PARSER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _bad(mark, str(error.problem or error.context)) from None
    except yaml.YAMLError as error:
        raise BadInput(f"The file is not YAML: {' '.join(str(error).split())}") from None


def write_yaml(value: Any) -> str:
    """YAML that `read_yaml` and any other reader take for the same value."""
    return yaml.dump(value, Dumper=_Tidy, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)


class _Tidy(yaml.SafeDumper):
    """Puts on one line what is short, indents the items of a list below its name, and makes no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        is_item = "name" in mapping or "page" in mapping or "tagged" in mapping
        node.flow_style = node.flow_style or (is_item and len(str(mapping)) <= 100)
        return node


def _bad(mark: Any, problem: str) -> BadInput:
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return BadInput("The file is not YAML that can be used", problems=[f"{where}{problem}"])


def _document(events: Events) -> Any:
    value = None
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _bad(event.start_mark, "a second document begins: one file holds one config")
            value = _value(next(events), events, 0)
    return value


def _value(event: yaml.Event, events: Events, depth: int) -> Any:
    if isinstance(event, yaml.AliasEvent):
        raise _bad(event.start_mark, f"*{event.anchor} is an alias: write out what it stands for")
    if not isinstance(event, yaml.NodeEvent) or depth > DEEPEST:
        raise _bad(event.start_mark, "nested too deeply")
    if tag := getattr(event, "tag", None):
        raise _bad(event.start_mark, f"{tag} is a tag: leave it out")
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if isinstance(event, yaml.SequenceStartEvent):
        return list(_items(events, depth))
    return _mapping(events, depth)


def _scalar(event: yaml.ScalarEvent) -> str | bool | None:
    if "\0" in event.value:
        raise _bad(event.start_mark, "holds a NUL character")
    is_plain = event.implicit[0]
    return SPECIAL.get(event.value, event.value) if is_plain else event.value


def _items(events: Events, depth: int) -> Iterator[Any]:
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        yield _value(event, events, depth + 1)


def _mapping(events: Events, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _value(event, events, depth + 1)
        if not isinstance(key, str):
            raise _bad(event.start_mark, "a key must be text; put it in quotes if it is meant to be")
        if key in found:
            raise _bad(event.start_mark, f"{key} is given twice")
        found[key] = _value(next(events), events, depth + 1)
    return found
