"""The config file: applied and exported."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from oncall.cli.output import WORSE, AsJson, Confirm, show_json, show_list
from oncall.cli.session import reading, trying, writing
from oncall.config import apply as config
from oncall.config.export import export as read_config
from oncall.config.export import to_yaml
from oncall.config.load import load
from oncall.config.plan import Change
from oncall.errors import BadInput


def apply(
    file: Annotated[str, typer.Argument(help="The config file, whole or a part; - reads standard input.")],
    plan: Annotated[bool, typer.Option("--plan", help="Only say what would change.")] = False,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Bring the database in line with a config file. Applied again it changes nothing."""
    text = read_text(file)
    with trying() if plan else writing() as desk:
        wanted = load(text, read_config(desk.session))
        if plan:
            changes, harm = config.try_out(desk.session, wanted, desk.now)
        else:
            changes, harm = config.apply(desk.session, wanted, desk.now, confirm=confirm), []
        to_mend = config.warnings_of(desk.session, changes, desk.now)
    if as_json:
        problems = {"problems": harm} if plan else {}
        show_json({"applied": not plan, "changes": changes, "warnings": to_mend} | problems)
    else:
        _show(changes, is_plan=plan)
        show_list("To mend in the schedules that change:", to_mend)
        show_list(WORSE, harm)


def export() -> None:
    """Print everything that is set up as a config file. It holds integration keys and phone numbers."""
    with reading(at_one_moment=True) as desk:
        typer.echo(to_yaml(read_config(desk.session)), nl=False)


def read_text(file: str) -> str:
    """Of a file, or - for standard input. Raises BadInput."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"Can't read {file}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not text in UTF-8.") from None


def _show(changes: Sequence[Change], *, is_plan: bool) -> None:
    for change in changes:
        typer.echo(str(change))
    count = f"{len(changes)} change{'' if len(changes) == 1 else 's'}"
    if not changes:
        typer.echo("Nothing to change: all of it is so already.")
    else:
        typer.echo(f"{count} planned; nothing was done." if is_plan else f"{count} made.")
