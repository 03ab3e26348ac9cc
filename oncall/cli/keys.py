"""Integration keys: the addresses that sending tools are given."""

from typing import Annotated

import typer

from oncall.cli.output import AsJson, show_json
from oncall.cli.session import writing
from oncall.integration_keys import address, create_key, find_service
from oncall.serve import address as local_address


def create(
    service: Annotated[str, typer.Argument(help="The service that alerts will be about.")],
    name: Annotated[str, typer.Argument(help="What sends there.")],
    tool: Annotated[str, typer.Option(help="The sending tool: alertmanager, pagerduty, generic, …")],
    as_json: AsJson = False,
) -> None:
    """Make an integration key and print the address to paste into the tool."""
    with writing() as desk:
        key = create_key(desk.session, find_service(desk.session, service), name, tool, desk.now)
        url = address(desk.settings.public_url or local_address(desk.settings), key)
    if as_json:
        show_json({"service": service, "name": key.name, "tool": key.tool, "key": key.key, "url": url})
        return
    typer.echo(url)
    if key.tool == "pagerduty":
        typer.echo(f"routing_key: {key.key}")
