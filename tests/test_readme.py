"""What the documents say is true: their files exist, their settings are ours, their config files apply."""

import re
from pathlib import Path

import pytest

from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.db.database import Database
from oncall.settings import Settings

ROOT = Path(__file__).parent.parent
FOLDERS = (".", "alembic", "notifiers", "oncall", "oncall/*", "schedules", "web", "web/*")
DOCUMENTS = sorted(path for folder in FOLDERS for path in ROOT.glob(f"{folder}/*.md") if path.name != "CHANGELOG.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_points_to_exists_and_every_setting_is_ours(document: Path) -> None:
    text = document.read_text()
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
    assert [each for each in targets if "://" not in each and not (document.parent / each).exists()] == []
    named = set(re.findall(r"ONCALL_([A-Z_]+[A-Z])", text))
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_config_files_in_them_apply_and_applying_them_twice_changes_nothing(sqlite_settings: Settings) -> None:
    documents = [ROOT / "README.md", ROOT / "oncall/config/README.md"]
    blocks = re.findall(r"```yaml\n(.*?)```", "\n".join(document.read_text() for document in documents), re.S)
    company, *more = [block for block in blocks if block.startswith(("users:", "teams:", "services:", "maintenance:"))]
    database = Database(sqlite_settings)
    for text in (company, *more):
        with database.transaction() as session:
            assert apply(session, load(text, export(session)), system_clock()) != []
        with database.transaction() as session:
            assert apply(session, load(text, export(session)), system_clock()) == []
    database.close()
