"""`oncall routing`: rules listed, and tried out before they count."""

from pathlib import Path

from tests.cli.conftest import Oncall

KEY = """
teams:
  - name: dev
    integration_keys:
      - name: everything
        tool: generic
        service: web
        rules: [{name: low, when: [{field: severity, equals: info}], urgency: low}]
"""


def test_rules_are_listed_and_tried_out(oncall: Oncall, tmp_path: Path) -> None:
    assert oncall("apply", "-", typed=KEY).code == 0
    (tmp_path / "request.json").write_text('{"summary": "Disk full", "severity": "info"}')
    (tmp_path / "rules.yaml").write_text("- {name: none, when: [{field: summary, contains: disk}], suppress: true}")

    (rule,) = oncall("routing", "list", "--json").json()
    assert (rule["team"], rule["key"], rule["rule"], rule["count"]) == ("dev", "everything", "low", 0)
    assert oncall("routing", "try", "dev", "everything", "request.json", "--json").json() == [
        {"summary": "Disk full", "rule": "low", "service": "web", "suppressed": False}
    ]
    other = oncall("routing", "try", "dev", "everything", "request.json", "--rules", "rules.yaml", "--json").json()
    assert other == [{"summary": "Disk full", "rule": "none", "service": None, "suppressed": True}]
    assert oncall("routing", "suppressed", "dev", "everything").out == "Nothing has been suppressed.\n"
    assert "can't be read" in oncall("routing", "try", "dev", "everything", "nothing.json").err
