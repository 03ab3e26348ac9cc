"""Change events: told by a deploy script, and listed."""

from typing import Annotated, Any

import typer

from oncall import changes
from oncall.alerts.event import SUMMARY_MAX
from oncall.cli.output import AsJson, show, show_json
from oncall.cli.session import reading, writing
from oncall.errors import BadInput
from oncall.ingest.change import LINK_TEXT, Change
from oncall.ingest.reading import web_links
from oncall.models import ChangeEvent
from oncall.models.change_event import AUTHOR_MAX, SOURCE_MAX
from oncall.moments import read_moment
from oncall.names import is_storable
from oncall.setup.integration_keys import find_service


def send(
    service: Annotated[str, typer.Argument(help="The service that has changed.")],
    summary: Annotated[str, typer.Argument(help="What changed: deploy web #4711.")],
    by: Annotated[str, typer.Option(help="Who changed it.")] = "",
    link: Annotated[str, typer.Option(help="Where to read more of it: https://…")] = "",
    at: Annotated[str, typer.Option(help="When, with its zone; now without it.")] = "",
    source: Annotated[str, typer.Option(help="The pipeline or host that did it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Tell of a deploy or another change: it never pages, and alerts that follow show it."""
    change = Change(
        _fitting(summary, SUMMARY_MAX, "summary"),
        read_moment(at, "at") if at else None,
        _fitting(by, AUTHOR_MAX, "by", may_be_empty=True),
        _fitting(source, SOURCE_MAX, "source", may_be_empty=True),
        _links(link),
    )
    with writing() as desk:
        found = find_service(desk.session, service)
        assert found.id is not None
        event = changes.record(desk.session, found.id, change, "the command line", desk.now)
    if as_json:
        show_json(_as_item(event, service))
    else:
        typer.echo(f"Told: {changes.what(event)}, on {service}")


def list_(
    service: Annotated[str | None, typer.Option(help="Only of this service.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List changes, the last to come first."""
    with reading() as desk:
        items = [_as_item(*row) for row in changes.recent(desk.session, service, limit)]
    show(as_json, items, ["id", "at", "service", "summary", "by", "sender"], "No such changes.")


def _fitting(text: str, longest: int, field: str, *, may_be_empty: bool = False) -> str:
    text = text.strip()
    if not is_storable(text) or len(text) > longest or not (text or may_be_empty):
        raise BadInput(f"“{field}” must have {0 if may_be_empty else 1} to {longest} characters.", field=field)
    return text


def _links(link: str) -> list[dict[str, str]]:
    links = web_links((link, LINK_TEXT))
    if link and not links:
        raise BadInput("“link” must begin with http:// or https://.", field="link")
    return links


def _as_item(change: ChangeEvent, service: str) -> dict[str, Any]:
    shown = change.model_dump(exclude={"service_id", "author"})
    return shown | {"service": service, "by": change.author}
