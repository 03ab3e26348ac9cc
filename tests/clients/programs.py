"""Programs and libraries that people's calendars are made of. Each subscribes to a feed, and says what it shows."""

import json
import os
import re
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import vobject

from tests.processes import ask
from tests.system import package_of

SECONDS = 60
BIN = Path(sys.executable).parent
NODE = Path(__file__).parent / "node"


class Shown(NamedTuple):
    """One event as a program shows it. Times are UTC."""

    uid: str
    sequence: int
    summary: str
    start: datetime
    end: datetime


class Program(ABC):
    """A subscription to the feed at `url`, with a folder of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder

    @abstractmethod
    def sync(self) -> list[Shown]:
        """What it shows after it has looked for changes."""

    def run(self, *command: str | Path, typed: str = "") -> str:
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [str(each) for each in command], env=env, input=typed, capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


class Vobject(Program):
    def sync(self) -> list[Shown]:
        parts = urlsplit(self.url)
        calendar = vobject.readOne(ask(parts.port or 80, "GET", parts.path).body.decode())
        assert calendar.validate(raiseException=True)
        return [
            Shown(
                event.uid.value,
                int(event.sequence.value),
                event.summary.value,
                event.dtstart.value.astimezone(UTC),
                event.dtend.value.astimezone(UTC),
            )
            for event in calendar.vevent_list
        ]


class IcalJs(Program):
    script = NODE / "ical_js.mjs"

    def sync(self) -> list[Shown]:
        return _read(json.loads(self.run("node", self.script, self.url)))


class NodeIcal(IcalJs):
    script = NODE / "node_ical.mjs"


class Khal(Program):
    """khal, over the copy that vdirsyncer keeps: one file for each event, changed only where the feed has changed.

    vdirsyncer names what it reads from the web by content, so that no UID of ours is left to be shown.
    """

    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        self.copy = folder / "copy"
        self.copy.mkdir()
        (folder / "vdirsyncer").write_text(VDIRSYNCER.format(url=url, folder=folder))
        (folder / "khal").write_text(KHAL.format(folder=folder))
        self._vdirsyncer("discover", typed="y\n")

    def sync(self) -> list[Shown]:
        self._vdirsyncer("sync")
        fields = [part for field in ("uid", "title", "start-long", "end-long") for part in ("--json", field)]
        begin = f"{datetime.now(UTC) - timedelta(days=60):%Y-%m-%d}"
        said = self.run(BIN / "khal", "-c", self.folder / "khal", "list", "--once", *fields, begin, "300d")
        days = [json.loads(line) for line in said.splitlines()]
        sequences = dict(self._sequences())
        return _read(
            {
                "uid": "",
                "sequence": sequences[event["uid"]],
                "summary": event["title"],
                "start": event["start-long"],
                "end": event["end-long"],
            }
            for day in days
            for event in day
        )

    def _vdirsyncer(self, command: str, typed: str = "") -> None:
        self.run(BIN / "vdirsyncer", "-c", self.folder / "vdirsyncer", command, typed=typed)

    def _sequences(self) -> Iterable[tuple[str, int]]:
        """khal shows none: from the copy."""
        for file in self.copy.glob("*.ics"):
            text = file.read_text()
            yield re.findall(r"^UID:(.*)$", text, re.M)[0], int(re.findall(r"^SEQUENCE:(\d+)$", text, re.M)[0])


def _read(events: Iterable[dict[str, Any]]) -> list[Shown]:
    return [
        Shown(
            event["uid"],
            event["sequence"],
            event["summary"],
            datetime.fromisoformat(event["start"]),
            datetime.fromisoformat(event["end"]),
        )
        for event in events
    ]


def missing(program: type[Program]) -> str | None:
    """What has to be installed for it, if anything; `make setup WITH=dev` does where it may."""
    if not issubclass(program, IcalJs):
        return None
    if shutil.which("node") is None:
        return f"needs node: apt-get install {package_of('node')} {package_of('npm')}"
    return None if (NODE / "node_modules").exists() else f"needs npm: apt-get install {package_of('npm')}, and set up"


VDIRSYNCER = """
[general]
status_path = "{folder}/status"

[pair shifts]
a = "feed"
b = "copy"
collections = null
conflict_resolution = "a wins"

[storage feed]
type = "http"
url = "{url}"

[storage copy]
type = "filesystem"
path = "{folder}/copy"
fileext = ".ics"
"""

KHAL = """
[calendars]
[[shifts]]
path = {folder}/copy
readonly = True

[sqlite]
path = {folder}/khal.db

[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%dT%H:%M
longdatetimeformat = %Y-%m-%dT%H:%M:%SZ
"""
