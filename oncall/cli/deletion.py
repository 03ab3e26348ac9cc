"""Deleting what nobody needs any more."""

from typing import Annotated

import typer

from oncall.cli.output import Confirm
from oncall.cli.overrides import OPERATOR
from oncall.cli.session import writing
from oncall.setup.deletion import delete_policy, delete_schedule, delete_team
from oncall.setup.deletion_of_services import delete_service

Name = Annotated[str, typer.Argument(help="Its name.")]


def policy(name: Name) -> None:
    """Delete an escalation policy that no service follows."""
    with writing() as desk:
        delete_policy(desk.session, OPERATOR, name, desk.now)
    typer.echo(f"The escalation policy {name} is deleted.")


def schedule(name: Name, confirm: Confirm = False) -> None:
    """Delete a schedule that nothing pages, with its shifts."""
    with writing() as desk:
        delete_schedule(desk.session, desk.settings, OPERATOR, name, desk.now, confirm=confirm)
    typer.echo(f"The schedule {name} is deleted.")


def service(name: Name, confirm: Confirm = False) -> None:
    """Delete a service that nothing leads to. Its keys are revoked; its alerts and reports stay."""
    with writing() as desk:
        delete_service(desk.session, desk.settings, OPERATOR, name, desk.now, confirm=confirm)
    typer.echo(f"The service {name} is deleted.")


def team(name: Name, confirm: Confirm = False) -> None:
    """Delete a team that owns nothing. Its people stay."""
    with writing() as desk:
        delete_team(desk.session, name, desk.now, confirm=confirm)
    typer.echo(f"The team {name} is deleted.")
