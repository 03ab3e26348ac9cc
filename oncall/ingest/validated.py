"""A body read as what it must hold; every fault is told at once, and named as PagerDuty's Events API names it."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, StringConstraints, ValidationError

from oncall.ingest.reading import BadEvent, read_json, web_links

Model = TypeVar("Model", bound=BaseModel)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Neither missing nor blank."""
Objects = list[dict[str, Any]] | None


def validated(model: type[Model], body: bytes) -> Model:
    """Raises BadEvent with every fault."""
    if b"\\u0000" in body:  # NUL, which databases refuse
        return validated_value(model, read_json(body))
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _told(error) from None


def validated_value(model: type[Model], value: Any) -> Model:
    """The same of JSON that has been read. Raises BadEvent."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _told(error) from None


def _told(error: ValidationError) -> BadEvent:
    return BadEvent([_sentence(fault) for fault in error.errors(include_url=False)])


def _sentence(fault: Any) -> str:
    if fault["type"] == "json_invalid":
        return f"the body must be JSON: {fault['ctx']['error']}"
    path = ".".join(str(part) for part in fault["loc"])
    if fault["type"] in {"missing", "string_too_short"}:
        return f"'{path}' is missing or blank"
    if fault["type"] == "string_too_long":
        return f"'{path}' is too long (maximum is {fault['ctx']['max_length']} characters)"
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    return f"'{path}': {fault['msg']}" if path else "the body must be a JSON object"


def is_blank(value: Any) -> bool:
    """Of another type than text it is wrong, not blank."""
    return value is None or (isinstance(value, str) and not value.strip())


def complete(model: Model, lacks: str) -> Model:
    """`lacks`: what such a message must have and this one has not. Raises ValueError."""
    if lacks:
        raise ValueError(lacks)
    return model


def also(refused: BadEvent, lacks: str) -> BadEvent:
    """With what is only looked for where each field is right by itself: every fault is told at once."""
    return BadEvent(list(dict.fromkeys([*refused.problems, *([lacks] if lacks else [])])))


def named(*details: Any) -> dict[str, Any]:
    """Details of any JSON type as names and values: of those that are no objects, `details` is the name."""
    found: dict[str, Any] = {}
    for each in details:
        found |= each if isinstance(each, dict) else {} if each in (None, "") else {"details": each}
    return found


def pagerduty_links(client: Any, client_url: Any, links: Objects, images: Objects) -> list[dict[str, str]]:
    return web_links(
        (client_url, str(client or "Open in the sending tool")),
        *((link.get("href"), str(link.get("text") or link.get("href"))) for link in links or ()),
        *((image.get("href") or image.get("src"), str(image.get("alt") or "Image")) for image in images or ()),
    )
