"""`.ci/setup`, in a checkout of its own: what a machine lacks is named, and two at once go one after the other.

uv stands for the package index: it makes no `.venv` but a link to this Python, and writes down what it was asked.
"""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMANDS = ("cat", "cut", "dirname", "env", "flock", "id", "ln", "mkdir", "mktemp", "rm", "sh", "sha256sum")
UV = f"""#!/bin/sh
echo "$*" >>asked
[ "$1" != venv ] || {{ mkdir -p .venv/bin && ln -s {sys.executable} .venv/bin/python; }}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    checkout = tmp_path / "checkout with an ö"
    shutil.copytree(ROOT / ".ci", checkout / ".ci")
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, checkout)
    return checkout


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH of the commands that every Debian has, and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in COMMANDS:
        (folder / name).symlink_to(shutil.which(name) or pytest.fail(f"no {name} here"))
    return folder


def executable(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def setup(checkout: Path, programs: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["sh", checkout / ".ci" / "setup"], env={"PATH": str(programs)}, text=True, stderr=subprocess.PIPE
    )


def said(process: "subprocess.Popen[str]") -> str:
    return process.communicate(timeout=60)[1]


def test_where_there_is_no_python_the_system_s_own_is_named(checkout: Path, programs: Path) -> None:
    process = setup(checkout, programs)

    assert said(process).startswith(
        "No Python of 3.11 or newer was found; install one (sudo apt-get install python3 python3-venv) or name yours"
    )
    assert process.returncode != 0


def test_beside_a_python_that_is_too_old_a_newer_one_is_named(checkout: Path, programs: Path) -> None:
    executable(programs / "python3", "#!/bin/sh\nexit 1")

    assert "(sudo apt-get install python3.11 python3.11-venv)" in said(setup(checkout, programs))


def test_what_can_t_be_fetched_ends_in_a_sentence_and_is_tried_again(checkout: Path, programs: Path) -> None:
    (programs / "python3").symlink_to(sys.executable)
    executable(programs / "uv", UV + 'case "$*" in *require-hashes*) exit 1;; esac\n')

    for _ in range(2):
        process = setup(checkout, programs)
        told = said(process)
        assert "requirements.lock can't be installed, for the reason above." in told
        assert "name an older one: make demo PYTHON=" in told
        assert process.returncode != 0


def test_where_make_runs_it_python_reads_paths_as_utf_8_whatever_the_locale() -> None:
    """A path that it reads in another encoding it writes into `.venv/bin` as one that is not there."""
    mode = "import sys; print(sys.flags.utf8_mode)"
    ran = subprocess.run(
        ["make", "--eval", f"mode: ; @{shlex.quote(sys.executable)} -c '{mode}'", "mode"],
        cwd=ROOT,
        env=dict(os.environ) | {"LC_ALL": "C", "PYTHONUTF8": "0"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == "1\n"


def test_locking_without_uv_says_where_to_get_it(programs: Path) -> None:
    make = shutil.which("make") or pytest.fail("no make here")
    ran = subprocess.run([make, "lock"], cwd=ROOT, env={"PATH": str(programs)}, capture_output=True, text=True)

    assert ran.stdout.startswith("uv is missing; install it: https://")
    assert ran.returncode != 0


def test_a_second_setup_of_a_checkout_waits_for_the_first_and_finds_it_done(checkout: Path, programs: Path) -> None:
    (programs / "python3").symlink_to(sys.executable)
    executable(programs / "uv", UV)
    first = os.open(checkout / ".ci", os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)

    both = [setup(checkout, programs) for _ in range(2)]
    waiting = [process.stderr.readline() for process in both if process.stderr]
    assert waiting == ["Another setup is under way in this checkout: waiting for it…\n"] * 2
    assert not (checkout / "asked").exists()
    os.close(first)

    assert sorted(said(process) for process in both) == ["", "Installing requirements.lock into .venv…\n"]
    assert [line.split()[0] for line in (checkout / "asked").read_text().splitlines()] == ["venv", "pip", "pip"]


def test_what_apt_get_starts_does_not_keep_the_next_setup_waiting(checkout: Path, programs: Path) -> None:
    """As services do where no systemd starts them: they outlast apt-get."""
    os.mkfifo(checkout / "service")
    executable(programs / "apt-get", "#!/bin/sh\ncat service &")
    executable(
        programs / "python3", '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; *print*) echo python3.11-venv;; esac'
    )
    (programs / "id").unlink()
    executable(programs / "id", "#!/bin/sh\necho 0")  # root's

    said_by_it = said(setup(checkout, programs))
    lock = os.open(checkout / ".ci", os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(lock)
        (checkout / "service").write_text("stop")
    assert "Installing python3.11-venv" in said_by_it
    assert "mend that with: sudo apt-get install python3.11-venv" in said_by_it
