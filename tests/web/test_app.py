"""One process can serve several runtimes, as tests do."""

import shutil
from pathlib import Path

from oncall.running.runtime import build_runtime
from tests.client import TestClient
from tests.conftest import make_settings
from tests.scenarios.world import KEY, World
from web.app import create_app

EVENT = {"routing_key": KEY, "event_action": "resolve", "dedup_key": "a"}


def test_each_application_keeps_to_its_own_runtime(world: World, sqlite_template: Path, tmp_path: Path) -> None:
    file = shutil.copy(sqlite_template, tmp_path / "empty.db")
    nobodys = build_runtime(make_settings(f"sqlite:///{file}"), with_engine=False)
    with TestClient(create_app(nobodys)) as empty:
        assert empty.post("/v2/enqueue", json=EVENT).status_code == 400
        assert world.client.post("/v2/enqueue", json=EVENT).status_code == 202
