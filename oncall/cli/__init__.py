"""The command line. Works on the database itself, with the settings of the environment; no server need run."""

import typer
from sqlalchemy.exc import DatabaseError, InterfaceError

from oncall.cli import (
    absence_calendars,
    absences,
    alerts,
    burden,
    changes,
    config_file,
    contact_tests,
    deletion,
    doctor,
    feeds,
    keys,
    maintenance,
    overrides,
    processes,
    publish,
    reports,
    routing,
    shadows,
    swaps,
    swaps_at_once,
    temporary,
    users,
    webhooks,
    who,
    would_page,
)
from oncall.db.database import LOCK_TIMEOUT, READ_ONLY, is_outage, sqlstate
from oncall.errors import BadInput, NeedsConfirmation, OncallError

app = typer.Typer(
    name="oncall", help="On-call rotation and paging.", no_args_is_help=True, pretty_exceptions_enable=False
)
alert = typer.Typer(help="Send, list, acknowledge, resolve and reassign alerts.", no_args_is_help=True)
change = typer.Typer(help="Tell of deploys and other changes, list them.", no_args_is_help=True)
user = typer.Typer(
    help="Add people, list them, set passwords, try out how they are reached, retire who leaves.", no_args_is_help=True
)
override = typer.Typer(help="Change who is on a level for a while, list it, end it.", no_args_is_help=True)
planned = typer.Typer(help="Plan a window of a schedule by hand, list it, call it off.", no_args_is_help=True)
shadow = typer.Typer(help="Let somebody follow along with whoever is on call.", no_args_is_help=True)
token = typer.Typer(help="API tokens.", no_args_is_help=True)
key = typer.Typer(help="Integration keys.", no_args_is_help=True)
absence = typer.Typer(help="Say who is away and when, list it, take it back.", no_args_is_help=True)
swap = typer.Typer(help="Ask for a swap of shifts, answer, take over now, go out of reach.", no_args_is_help=True)
window = typer.Typer(help="Windows in which alerts do not page: begin, list, end, extend.", no_args_is_help=True)
rules = typer.Typer(help="Rules of teams' integration keys: list, try out, what they suppressed.", no_args_is_help=True)
feed = typer.Typer(help="Calendar links: make, list, revoke.", no_args_is_help=True)
delete = typer.Typer(
    help="Delete what nobody needs any more: a policy, a schedule, a service, a team.", no_args_is_help=True
)
groups = {
    "feed": feed,
    "delete": delete,
    "override": override,
    "temporary": planned,
    "shadow": shadow,
    "alert": alert,
    "change": change,
    "user": user,
    "token": token,
    "key": key,
    "absence": absence,
    "swap": swap,
    "maintenance": window,
    "routing": rules,
}
for name, group in groups.items():
    app.add_typer(group, name=name)

app.command()(processes.serve)
app.command()(processes.web)
app.command()(processes.engine)
app.command()(processes.demo)
app.command()(processes.migrate)
app.command("copy-from")(processes.copy_from)
app.command()(config_file.apply)
app.command()(config_file.export)
app.command()(who.who)
app.command()(who.shifts)
app.command()(would_page.would_page)
app.command()(publish.publish)
app.command()(burden.burden)
app.command()(reports.report)
app.command()(doctor.doctor)
app.command("webhook-secret")(webhooks.secret)
alert.command()(alerts.send)
alert.command("list")(alerts.list_)
alert.command()(alerts.ack)
alert.command()(alerts.resolve)
alert.command()(alerts.reassign)
change.command()(changes.send)
change.command("list")(changes.list_)
user.command()(users.add)
user.command("list")(users.list_)
user.command()(users.password)
user.command("test")(contact_tests.try_out)
user.command("retire")(users.retire_)
user.command("restore")(users.restore_)
delete.command()(deletion.policy)
delete.command()(deletion.schedule)
delete.command()(deletion.service)
delete.command()(deletion.team)
token.command("create")(users.create_token)
key.command("create")(keys.create)
key.command("set")(keys.change)
key.command()(keys.requests)
key.command("test")(keys.try_out)
rules.command("list")(routing.list_)
rules.command("try")(routing.try_)
rules.command()(routing.suppressed)
window.command()(maintenance.start)
window.command("list")(maintenance.list_)
window.command()(maintenance.end)
window.command()(maintenance.extend)
window.command("call-off")(maintenance.call_off)
override.command()(overrides.add)
override.command("list")(overrides.list_)
override.command()(overrides.end)
planned.command()(temporary.add)
planned.command("list")(temporary.list_)
planned.command()(temporary.end)
shadow.command()(shadows.add)
shadow.command("list")(shadows.list_)
shadow.command()(shadows.end)
feed.command()(feeds.make)
feed.command("list")(feeds.list_)
feed.command()(feeds.revoke)
absence.command()(absences.add)
absence.command("list")(absences.list_)
absence.command()(absences.remove)
absence.command("conflicts")(absences.conflicts_)
absence.command()(absence_calendars.follow)
absence.command()(absence_calendars.calendars)
absence.command()(absence_calendars.forget)
swap.command("list")(swaps.list_)
swap.command("show")(swaps.show_)
swap.command("offer")(swaps.offer_)
swap.command()(swaps_at_once.take_over)
swap.command()(swaps_at_once.out_of_reach)
swap.command()(swaps.accept)
swap.command()(swaps.decline)
swap.command()(swaps.withdraw)

command = typer.main.get_command(app)

SAID = {
    LOCK_TIMEOUT: "Somebody else is changing the same at this moment. Try again in a few seconds.",
    READ_ONLY: "This database can only be read: it may be a standby. See ONCALL_DATABASE_URL.",
}
"""Of what PostgreSQL answers, where it does."""


def main(arguments: list[str] | None = None) -> None:
    """Exits with 0, or with 1 and a sentence on stderr; 2 means that the command was not written right."""
    try:
        command(args=arguments)
    except NeedsConfirmation as error:
        _fail(
            "\n  ".join(["That would make things worse. Add --confirm if you want it all the same:", *error.problems])
        )
    except OncallError as error:
        problems = [each for each in error.problems if each not in error.detail] if isinstance(error, BadInput) else []
        said = f"{error.detail.rstrip('.:')}:" if problems else error.detail
        _fail("\n  ".join([said, *problems]))
    except (DatabaseError, InterfaceError) as error:
        is_no_database = type(error) is DatabaseError  # SQLite says so of a file that is something else
        if not (is_no_database or is_outage(error)):
            raise  # our own mistake
        in_general = f"The database does not answer: {str(error.orig).splitlines()[0]}\nSee ONCALL_DATABASE_URL."
        _fail(SAID.get(sqlstate(error), in_general))


def _fail(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise SystemExit(1)
