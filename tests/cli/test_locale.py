"""`oncall` in a locale that has few letters: what is read and printed is UTF-8 all the same."""

import os
import subprocess
from pathlib import Path

from tests.cli.conftest import Oncall
from tests.processes import ONCALL

KEY = "teams: [{name: dev, integration_keys: [{name: all, tool: generic, service: web}]}]"
FEW = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "iso-8859-1"}
"""As files are read in ASCII and printed in ISO-8859-1."""


def test_what_the_locale_can_not_say_is_read_and_printed(oncall: Oncall, tmp_path: Path) -> None:
    assert oncall("apply", "-", typed=KEY).code == 0
    body = tmp_path / "request.json"
    body.write_text('{"summary": "Überlauf → 美"}', encoding="utf-8")

    tried = subprocess.run(
        [ONCALL, "routing", "try", "dev", "all", body], env=dict(os.environ) | FEW, capture_output=True, check=False
    )

    assert "Überlauf → 美" in tried.stdout.decode(), tried.stderr.decode()
