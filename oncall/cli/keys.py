"""Integration keys: the addresses that sending tools are given."""

from collections.abc import Sequence
from typing import Annotated

import typer

from oncall.cli.output import AsJson, show_json
from oncall.cli.session import writing
from oncall.errors import BadInput
from oncall.ingest.registry import open_options, set_secrets
from oncall.integration_keys import address, create_key, find_key, find_service, set_options
from oncall.serve import address as local_address

Options = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="An option of the tool; may be repeated."),
]


def create(
    service: Annotated[str, typer.Argument(help="The service that alerts will be about.")],
    name: Annotated[str, typer.Argument(help="What sends there.")],
    tool: Annotated[str, typer.Option(help="The sending tool: alertmanager, pagerduty, generic, …")],
    option: Options = None,
    as_json: AsJson = False,
) -> None:
    """Make an integration key and print the address to paste into the tool."""
    with writing() as desk:
        found = find_service(desk.session, service)
        key = create_key(desk.session, found, name, tool, desk.now, read_options(option or ()))
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
