"""Integration keys: the addresses that sending tools are given, what comes there, and a test event."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from oncall.cli.output import AsJson, show, show_json
from oncall.cli.session import reading, writing
from oncall.errors import BadInput
from oncall.ingest.journal import last_requests
from oncall.ingest.registry import open_options, set_secrets
from oncall.ingest.trial import said_of, send_test
from oncall.models import ReceivedRequest
from oncall.running.serve import address as local_address
from oncall.setup.integration_keys import address, create_key, find_key, find_service, set_options

Options = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="An option of the tool; may be repeated."),
]


def create(
    service: Annotated[str, typer.Argument(help="The service that alerts will be about.")],
    name: Annotated[str, typer.Argument(help="What sends there.")],
    tool: Annotated[str, typer.Option(help="The sending tool: alertmanager, pagerduty, generic, …")],
    option: Options = None,
    text: Annotated[str, typer.Option("--key", help="The key that the tool has already, of another vendor.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an integration key and print the address to paste into the tool."""
    with writing() as desk:
        found = find_service(desk.session, service)
        key = create_key(desk.session, found, name, tool, desk.now, read_options(option or ()), text)
        url = address(desk.settings.public_url or local_address(desk.settings), key, desk.settings.email_domain)
    if as_json:
        show_json({"service": service, "name": key.name, "tool": key.tool, "key": key.key, "url": url})
        return
    typer.echo(url)
    if key.tool == "pagerduty":
        typer.echo(f"routing_key: {key.key}")


def change(
    service: Annotated[str, typer.Argument(help="The service that its alerts are about.")],
    name: Annotated[str, typer.Argument(help="The key's name.")],
    option: Options = None,
    as_json: AsJson = False,
) -> None:
    """Set options of an integration key, or take one away with NAME=, and print those that are set."""
    with writing() as desk:
        key = find_key(desk.session, find_service(desk.session, service), name)
        if option:
            set_options(desk.session, key, read_options(option))
        options, secrets = open_options(key.tool, key.options), set_secrets(key.tool, key.options)
    if as_json:
        show_json({"options": options, "secrets": secrets})
        return
    for line in [
        *(f"{each}={value}" for each, value in sorted(options.items())),
        *(f"{each} is set" for each in secrets),
    ]:
        typer.echo(line)


def read_options(given: Sequence[str]) -> dict[str, str]:
    """Raises BadInput."""
    pairs = [(name.strip(), is_written, value.strip()) for name, is_written, value in (g.partition("=") for g in given)]
    for name, is_written, _ in pairs:
        if not is_written:
            raise BadInput(f"Write an option as NAME=VALUE: “{name}” has no “=”.", field="option")
    return {name: value for name, _, value in pairs}


Service = Annotated[str, typer.Argument(help="The service that its alerts are about.")]
Name = Annotated[str, typer.Argument(help="The key's name.")]


def requests(service: Service, name: Name, as_json: AsJson = False) -> None:
    """The last requests that came to an integration key, newest first, and what was made of each.

    A running server writes them within a second.
    """
    with reading() as desk:
        key = find_key(desk.session, find_service(desk.session, service), name)
        rows = last_requests(desk.session, key)
    items = [row.model_dump(exclude={"key_id"}) | {"outcome": _outcome(row)} for row in rows]
    show(as_json, items, ["at", "method", "status", "body_bytes", "outcome"], "Nothing has come yet.")


def _outcome(row: ReceivedRequest) -> str:
    if row.refusal:
        return row.refusal
    return ", ".join(_made(each) for each in row.events) or "no event in it"


def _made(event: dict[str, Any]) -> str:
    if event["action"] == "change":
        return f"change: {event['summary']}"
    return f"{event['action']} {event['dedup_key']}{_alert(event['alert_id'])}"


def _alert(alert_id: int | None) -> str:
    return f" → alert #{alert_id}" if alert_id else " (no alert is open)"


def try_out(
    service: Service,
    name: Name,
    pages: Annotated[bool, typer.Option("--page", help="Leave the alert open: whoever is on call is paged.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send a test event through an integration key, as its tool would."""
    with writing() as desk:
        key = find_key(desk.session, find_service(desk.session, service), name)
        tested = send_test(desk.session, key, desk.now, desk.settings.ingest_kept, pages=pages)
    if as_json:
        show_json({"refusal": tested.refusal, "events": [each._asdict() for each in tested.made]})
    else:
        typer.echo(said_of(tested, pages=pages))
    if tested.refusal:
        raise typer.Exit(1)
