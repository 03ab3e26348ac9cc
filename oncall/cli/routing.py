"""Rules of teams' integration keys: listed, tried out, and what they suppressed."""

from pathlib import Path
from typing import Annotated, Any

import typer

from oncall.cli.output import AsJson, show
from oncall.cli.session import reading
from oncall.config.yaml_text import read_yaml
from oncall.errors import BadInput
from oncall.rota.feeds import find_team
from oncall.setup.routing_trial import MOST_TRIED, Tried, TriedRequest, read_requests, rules_of, try_on_last, try_out
from oncall.setup.team_keys import TeamKeyRow, find_team_key, list_suppressed, list_team_keys

Team = Annotated[str, typer.Argument(help="Such as dev.")]
Key = Annotated[str, typer.Argument(help="The name of the team's key.")]


def list_(
    team: Annotated[str | None, typer.Argument(help="Only of this team.")] = None, as_json: AsJson = False
) -> None:
    """List the rules of teams' keys in order, with how often each has matched."""
    with reading() as desk:
        rows = list_team_keys(desk.session, find_team(desk.session, team) if team is not None else None)
    items = [_as_item(row, rule) for row in rows for rule in row.key.rules]
    columns = ["team", "key", "rule", "service", "suppress", "count", "last_at"]
    show(as_json, items, columns, "No team has an integration key with rules: see oncall/config/README.md.")


def try_(
    team: Team,
    key: Key,
    request: Annotated[
        list[Path] | None, typer.Argument(help="Files, each the raw body of a request of the key's tool.")
    ] = None,
    last: Annotated[
        int, typer.Option(min=0, max=MOST_TRIED, help="Try so many of the last requests that came, too.")
    ] = 0,
    rules: Annotated[Path | None, typer.Option(help="A file with a list of rules. Left out: the key's own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what would become of events, and by which rule. Nothing is stored."""
    if not request and not last:
        raise BadInput("Name files with requests, or try --last 20 of those that came.", field="--last")
    wanted = _read_rules(rules) if rules is not None else None
    bodies = [_text(file) for file in request or ()]
    with reading() as desk:
        row = find_team_key(desk.session, team, key)
        tested = rules_of(row, wanted)
        tried = try_out(desk.session, row, tested, read_requests(row, bodies, desk.now), desk.now)
        came = try_on_last(desk.session, row, tested, last) if last else []
    items = [_tried(each) for each in tried] + [item for each in came for item in _came(each)]
    columns = ["at", "action", "summary", "rule", "service", "urgency", "suppressed", "refused"]
    show(as_json, items, [name for name in columns if any(item.get(name) for item in items)], NOTHING_TRIED)


NOTHING_TRIED = "There is no event in it."


def suppressed(team: Team, key: Key, as_json: AsJson = False) -> None:
    """List the last events that were suppressed, newest first."""
    with reading() as desk:
        events = list_suppressed(desk.session, find_team_key(desk.session, team, key))
    items = [event.model_dump(exclude={"key_id", "slot"}) for event in events]
    show(as_json, items, ["at", "rule", "severity", "summary", "source"], "Nothing has been suppressed.")


def _read_rules(file: Path) -> list[dict[str, Any]]:
    rules = read_yaml(_text(file))
    if not isinstance(rules, list):
        raise BadInput(f"{file} must hold a list of rules.", field="--rules")
    return rules


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} can't be read: {error}.") from None


def _as_item(row: TeamKeyRow, rule: dict[str, Any]) -> dict[str, Any]:
    count = row.counts.get(rule["name"])
    place = {"team": row.team, "key": row.key.name, "rule": rule["name"], "service": rule.get("service")}
    done = {"count": count.count if count else 0, "last_at": count.last_at if count else None}
    return {**place, "suppress": rule.get("suppress", False), **done}


def _tried(tried: Tried) -> dict[str, Any]:
    return {
        "action": tried.event.action,
        "summary": tried.event.summary or tried.event.dedup_key,
        "rule": tried.rule and tried.rule.name,
        "service": tried.service,
        "urgency": tried.urgency,
        "suppressed": tried.is_suppressed,
    }


def _came(came: TriedRequest) -> list[dict[str, Any]]:
    """Of one that is refused a row that says so."""
    if came.problems:
        return [{"at": came.request.at, "refused": "; ".join(came.problems)}]
    return [{"at": came.request.at, **_tried(each)} for each in came.tried]
