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


SOURCES = ("notifiers", "oncall", "schedules", "tests", "web")
FILES = [
    path
    for folder in SOURCES
    for path in (ROOT / folder).rglob("*.*")
    if path.suffix in {".py", ".html", ".css", ".js"} and "node_modules" not in path.parts
]
MODULE = rf"(?:{'|'.join(SOURCES)})(?:\.\w+)+"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    """By the end of its path, `services/rules.py`, or with a star."""
    named = set(re.findall(r"`([\w*/]+\.(?:py|html|css|js))`", document.read_text()))
    assert {name for name in named if not any(path.match(name) for path in FILES)} <= {"pdagent/constants.py"}


def test_every_module_that_is_named_in_code_exists() -> None:
    """`oncall.rota.outlook`, or what is in it."""
    texts = [(path, path.read_text()) for path in FILES if path.suffix == ".py"]
    named = {(path, name) for path, text in texts for name in re.findall(rf"`(?:python -m )?({MODULE})", text)}
    assert {(str(path.relative_to(ROOT)), name) for path, name in named if not _is_there(name)} == set()


def _is_there(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    module = path.parent.with_suffix(".py")
    return module.exists() and re.search(rf"\b{path.name}\b", module.read_text()) is not None


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
