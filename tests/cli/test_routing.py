"""`oncall routing`: rules listed, and tried out before they count."""

from pathlib import Path

from oncall.alerts.event import EventAction
from oncall.db.database import Database
from oncall.ingest.journal import Received, record
from oncall.ingest.store import Accepted, Made
from oncall.settings import Settings
from oncall.setup.team_keys import find_team_key
from tests.cli.conftest import Oncall
from tests.web.api.conftest import NOON

KEY = """
teams:
  - name: dev
    integration_keys:
      - name: everything
        tool: generic
        service: web
        rules: [{name: low, when: [{field: severity, equals: info}], urgency: low}]
"""


TAKEN = Accepted((Made(EventAction.TRIGGER, "disk", 1),))


def test_rules_are_listed_and_tried_out(oncall: Oncall, tmp_path: Path) -> None:
    assert oncall("apply", "-", typed=KEY).code == 0
    (tmp_path / "request.json").write_text('{"summary": "Disk full", "severity": "info"}')
    (tmp_path / "rules.yaml").write_text("- {name: none, when: [{field: summary, contains: disk}], suppress: true}")

    (rule,) = oncall("routing", "list", "--json").json()
    assert (rule["team"], rule["key"], rule["rule"], rule["count"]) == ("dev", "everything", "low", 0)
    assert oncall("routing", "try", "dev", "everything", "request.json", "--json").json() == [
        {"action": "trigger", "summary": "Disk full", "rule": "low", "service": "web", "urgency": "low"}
        | {"suppressed": False}
    ]
    other = oncall("routing", "try", "dev", "everything", "request.json", "--rules", "rules.yaml", "--json").json()
    assert [(each["rule"], each["service"], each["suppressed"]) for each in other] == [("none", None, True)]
    assert oncall("routing", "suppressed", "dev", "everything").out == "Nothing has been suppressed.\n"
    assert "can't be read" in oncall("routing", "try", "dev", "everything", "nothing.json").err


def test_rules_are_tried_on_what_came(oncall: Oncall, sqlite_settings: Settings) -> None:
    assert oncall("apply", "-", typed=KEY).code == 0
    body = b'{"summary": "Disk full", "severity": "info"}'
    database = Database(sqlite_settings)
    with database.transaction() as session:
        key = find_team_key(session, "dev", "everything").key.key
        for status, sent in ((202, body), (400, b"[]")):
            request = Received(
                key, "generic", NOON, "POST", f"/ingest/generic/{key}", [], sent, len(sent), status, TAKEN
            )
            record(session, [request], kept=20)
    database.close()

    refused, tried = oncall("routing", "try", "dev", "everything", "--last", "5", "--json").json()
    assert (tried["rule"], tried["at"]) == ("low", refused["at"])
    assert "must be a JSON object" in refused["refused"]
    assert "--last 20" in oncall("routing", "try", "dev", "everything").err
