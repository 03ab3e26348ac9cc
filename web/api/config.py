"""The config file over HTTP: exported, tried out, applied."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from oncall.auth.permissions import Permission
from oncall.config.apply import apply, try_out, warnings_of
from oncall.config.export import export, to_yaml
from oncall.config.load import load
from oncall.config.plan import Change
from oncall.config.yaml_text import LARGEST
from oncall.errors import BadInput
from web.api.body import Confirm, problems
from web.edge import Api

LARGEST_BODY = 4 * LARGEST
"""Bytes: no character takes more than four."""

router = APIRouter(prefix="/config", tags=["config"], max_body_size=LARGEST_BODY)


class DetailView(BaseModel):
    field: str
    before: str | None
    after: str | None


class ChangeView(BaseModel):
    action: Literal["create", "update"]
    kind: str
    name: str
    details: list[DetailView]


class Changes(BaseModel):
    """What applying the file changes, in the order of the file; empty when all is so already."""

    changes: list[ChangeView]
    warnings: list[str] = Field(
        description="What is to mend in the schedules that change: gaps, people who can't be paged, double bookings, …"
    )


class PlannedChanges(Changes):
    problems: list[str] = Field(description="What it would make worse for those on call: applying it needs `confirm`.")


async def file_text(request: Request) -> str:
    """The body as it is: YAML or JSON, whatever its Content-Type."""
    try:
        return (await request.body()).decode()
    except UnicodeDecodeError:
        raise BadInput("The file is not text in UTF-8.") from None


FileText = Annotated[str, Depends(file_text)]
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/yaml": {"schema": {"type": "string", "description": "The file, whole or a part."}}},
    }
}


class Yaml(PlainTextResponse):
    media_type = "application/yaml"


@router.get(
    "",
    summary="Everything that is set up, as a config file",
    response_class=Yaml,
    responses={200: {"content": {Yaml.media_type: {"schema": {"type": ["object", "string"]}}}}},
)
def get_config(edge: Api) -> Yaml:
    """Holds integration keys, but no passwords and no tokens."""
    with edge.reading(Permission.ADMINISTER, at_one_moment=True) as caller:
        return Yaml(to_yaml(export(caller.session)))


@router.post(
    "/plan", summary="What applying a file would change", openapi_extra=FILE_BODY, responses=problems(400, 413)
)
def plan_config(edge: Api, text: FileText) -> PlannedChanges:
    with edge.trying(Permission.ADMINISTER) as caller:
        changes, harm = try_out(caller.session, load(text, export(caller.session)), caller.now)
        warnings = warnings_of(caller.session, changes, caller.now)
        return PlannedChanges(changes=_views(changes), warnings=warnings, problems=harm)


@router.post("/apply", summary="Apply a file", openapi_extra=FILE_BODY, responses=problems(400, 409, 413))
def apply_config(edge: Api, text: FileText, confirm: Confirm = False) -> Changes:
    """All of it, or nothing with every problem named. Applied again it changes nothing."""
    with edge.writing(Permission.ADMINISTER) as caller:
        wanted = load(text, export(caller.session))
        changes = apply(caller.session, wanted, caller.now, confirm=confirm)
        return Changes(changes=_views(changes), warnings=warnings_of(caller.session, changes, caller.now))


def _views(changes: Sequence[Change]) -> list[ChangeView]:
    return [
        ChangeView(
            action=change.action,
            kind=change.kind,
            name=change.name,
            details=[DetailView(field=d.field, before=d.before, after=d.after) for d in change.details],
        )
        for change in changes
    ]
