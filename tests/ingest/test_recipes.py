"""Recipes are pasted as they stand: what reads them there can read them."""

import ast
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

import yaml

from oncall.ingest.reading import Inbound
from oncall.ingest.registry import TOOLS
from oncall.ingest.tool import filled
from oncall.models import IntegrationKey
from oncall.setup.integration_keys import address

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
COMMANDS = ("aws", "cat", "curl", "icinga2", "kapacitor", "kill", "nagios4", "sensuctl", "sudo", "SEND_CUSTOM=")


def pasted(beginning: str) -> dict[str, str]:
    """What is pasted and begins so, by its tool and step."""
    found = {f"{tool}, step {number}": text for tool, number, text in _all() if re.match(beginning, text)}
    assert found
    return found


def _all() -> Iterator[tuple[str, int, str]]:
    for name, tool in TOOLS.items():
        key = IntegrationKey(name="it", tool=name, key="s3cret", created_at=NOW)
        url = address("https://oncall.example.com", key, email_domain="")
        for number, step in enumerate(filled(tool.recipe, url, key.key), 1):
            yield name, number, step.paste


def test_addresses_are_whole_and_no_mark_is_left() -> None:
    for name, number, text in _all():
        assert not text.startswith("/"), f"{name}, step {number}"
        assert not re.search("@[A-Z]+@", text), f"{name}, step {number}"


def test_json_can_be_read_once_the_tool_has_filled_it() -> None:
    for place, text in pasted(r"\{").items():
        filled_in = re.sub(r'\{\{json [\w.]+\}\}|(?<!")\$[A-Z_]+', '"x"', text)
        assert json.loads(filled_in), place


def test_yaml_can_be_read() -> None:
    for place, text in pasted(r"[a-z]+:\n").items():
        assert isinstance(yaml.safe_load(text), dict), place


def test_commands_are_right_for_a_shell() -> None:
    for place, text in pasted("|".join(map(re.escape, COMMANDS))).items():
        _check_shell(place, text)
        for script in re.findall(r"<<'EOF'\n(.*?)^EOF$", text, re.DOTALL | re.MULTILINE):
            ast.parse(script) if "python" in script.splitlines()[0] else _check_shell(place, script)


def _check_shell(place: str, text: str) -> None:
    checked = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, ""), place


def test_what_tells_of_a_problem_once_keeps_trying_while_we_restart() -> None:
    """curl's own `--retry` gives up at once where nobody listens."""
    for place, text in ((f"{tool}, step {number}", text) for tool, number, text in _all() if "--retry" in text):
        assert text.count("retry-connrefused") == len(re.findall(r'--retry[ ",]', text)), place


def test_an_event_that_a_recipe_posts_is_taken() -> None:
    for place, text in pasted(r"curl [\s\S]* -d ").items():
        words = shlex.split(text)
        body = words[words.index("-d") + 1].encode()
        assert TOOLS[place.partition(",")[0]].parse(Inbound(body, at=NOW)), place
