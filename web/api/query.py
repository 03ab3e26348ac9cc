"""What a query may hold: what the operation knows, and each of it once unless it is a list."""

from collections import Counter
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import ParamTypes
from fastapi.routing import APIRoute

from oncall.errors import BadInput


class BadQuery(BadInput):
    status = 422


async def check_query(request: Request) -> None:
    """Raises BadQuery for what would be left out in silence: a misspelt filter would find everything."""
    sent = Counter(name for name, _ in request.query_params.multi_items())
    if not sent:
        return
    known = _parameters(request.scope["route"])
    faults = [f"{name}: {fault}" for name, times in sent.items() if (fault := _fault(name, times, known))]
    if faults:
        raise BadQuery("; ".join(faults), problems=faults)


def _parameters(route: APIRoute) -> dict[str, bool]:
    """By name, whether there may be several."""
    fields = [field.field_info for field in get_flat_params(route.dependant)]
    query = [field for field in fields if getattr(field, "in_", None) is ParamTypes.query]
    return {str(field.alias): _is_list(field.annotation) for field in query}


def _is_list(annotation: Any) -> bool:
    return any(get_origin(each) is list for each in (annotation, *get_args(annotation)))


def _fault(name: str, times: int, known: dict[str, bool]) -> str:
    if name not in known:
        return f"is not known here; known are {', '.join(sorted(known))}" if known else "is not known here"
    return "stands here more than once" if times > 1 and not known[name] else ""
