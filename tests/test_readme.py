"""What the README says is true: its files exist, its settings are ours, its config file applies."""

import re
from pathlib import Path

from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.db import Database
from oncall.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_every_file_it_points_to_exists() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(targets) > 30
    assert [target for target in targets if "://" not in target and not (ROOT / target).exists()] == []


def test_every_setting_it_names_is_one_of_ours() -> None:
    named = set(re.findall(r"ONCALL_([A-Z_]+[A-Z])", README))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_its_config_files_apply_and_applying_them_twice_changes_nothing(sqlite_settings: Settings) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", README, re.S)
    company, *more = [block for block in blocks if block.startswith(("users:", "teams:", "services:", "maintenance:"))]
    database = Database(sqlite_settings)
    for text in (company, *more):
        with database.transaction() as session:
            assert apply(session, load(text, export(session)), system_clock()) != []
        with database.transaction() as session:
            assert apply(session, load(text, export(session)), system_clock()) == []
    database.close()
