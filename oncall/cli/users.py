"""People, their passwords and their tokens."""

import sys
from typing import Annotated

import typer

from oncall.auth import tokens
from oncall.auth.passwords import hash_password
from oncall.cli.output import AsJson, Confirm, show, show_json
from oncall.cli.overrides import OPERATOR
from oncall.cli.session import reading, writing
from oncall.errors import BadInput
from oncall.models import Role, User
from oncall.people.people import add_user, find_user, list_users, restore, set_password
from oncall.people.retiring import retire

EVERYBODY = 100_000

Handle = Annotated[str, typer.Argument(help="The person's handle, such as alice.")]


def add(
    handle: Handle,
    name: Annotated[str, typer.Argument(help="The person's name, such as “Alice Archer”.")],
    role: Annotated[Role, typer.Option()] = Role.USER,
    email: Annotated[str | None, typer.Option()] = None,
    timezone: Annotated[str, typer.Option(help="Such as America/New_York.")] = "UTC",
    country: Annotated[str | None, typer.Option(help="Whose public holidays are theirs, such as DE or DE-BY.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Can be given several times.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add somebody. They can sign in once they have a password: “oncall user password”."""
    with writing() as desk:
        user = add_user(
            desk.session,
            handle,
            name,
            role,
            desk.now,
            email=email,
            timezone=timezone,
            country=country,
            tags=sorted(set(tag or [])),
        )
    if as_json:
        show_json(_as_item(user))
    else:
        typer.echo(f"Added {user.name}. To let them sign in: oncall user password {user.handle}")


def list_(
    retired: Annotated[bool, typer.Option("--retired", help="Also those who have retired.")] = False,
    as_json: AsJson = False,
) -> None:
    """List everybody."""
    with reading() as desk:
        items = [_as_item(user) for user in list_users(desk.session, EVERYBODY, retired=retired)]
    show(as_json, items, ["handle", "name", "role", "timezone", "tags"], "There is nobody yet: see “oncall user add”.")


def password(handle: Handle) -> None:
    """Set a password: asked for twice, or read as a line of standard input where that is no terminal."""
    with reading() as desk:
        find_user(desk.session, handle)
    password_hash = hash_password(_ask())
    with writing() as desk:
        user = find_user(desk.session, handle)
        set_password(desk.session, user, password_hash)
    typer.echo(f"{user.name} has a new password; every login with the old one has ended.")


def retire_(handle: Handle, confirm: Confirm = False) -> None:
    """Retire somebody who leaves: their shifts go to others, who are told. Nobody is ever deleted."""
    with writing() as desk:
        user = find_user(desk.session, handle)
        retire(desk.session, desk.settings, user, OPERATOR, desk.now, confirm=confirm)
    typer.echo(f"{user.name} has retired. To bring them back: oncall user restore {user.handle}")


def restore_(handle: Handle) -> None:
    """Bring back somebody who has retired: as a newcomer, without the old password, logins, tokens and links."""
    with writing() as desk:
        user = find_user(desk.session, handle)
        restore(desk.session, user, desk.now)
    typer.echo(f"{user.name} is back. To let them sign in: oncall user password {user.handle}")


def create_token(
    handle: Handle, name: Annotated[str, typer.Argument(help="What it is for.")], as_json: AsJson = False
) -> None:
    """Make an API token. It is printed once and can't be shown again."""
    with writing() as desk:
        user = find_user(desk.session, handle)
        if user.retired_at is not None:
            raise BadInput(f"{user.name} has retired: a token would not be accepted.")
        row, token = tokens.create_token(desk.session, user, name, desk.now)
    if as_json:
        show_json({"id": row.id, "user": handle, "name": row.name, "token": token})
    else:
        typer.echo(token)


def _ask() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _as_item(user: User) -> dict[str, object]:
    return user.model_dump(exclude={"id", "password_hash"})
