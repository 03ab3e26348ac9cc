"""Programs of the system that some tests drive. Without one its tests are skipped, and named at the end of the run."""

import shutil
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parent.parent / ".ci" / "system-packages"
"""One line a program: the program, then the Debian package that has it. `make test` installs them where it may."""


def package_of(program: str) -> str:
    rows = [line.split() for line in PACKAGES.read_text().splitlines() if not line.startswith("#")]
    return {row[0]: row[1] for row in rows if row}[program]


def needs(program: str) -> pytest.MarkDecorator:
    """Marks a test, a class or (as `pytestmark`) a file that runs this program."""
    return pytest.mark.skipif(
        shutil.which(program) is None, reason=f"needs {program}: apt-get install {package_of(program)}"
    )
