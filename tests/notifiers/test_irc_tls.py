"""Over TLS, to a server whose certificate is checked."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from notifiers.irc_account import IrcAccount
from notifiers.irc_bot import IrcBot
from tests.irc_server import CHANNEL, running_ngircd
from tests.system import needs

pytestmark = [needs("ngircd"), needs("openssl")]

SELF_SIGNED = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*SELF_SIGNED, *files, *names], check=True, capture_output=True)
    (tmp_path / "key.pem").chmod(0o644)  # the server reads it as nobody
    return tmp_path / "cert.pem"


@pytest.fixture
def bot(free_port: Callable[[], int], tmp_path: Path, certificate: Path) -> Iterator[IrcBot]:
    tls_port = free_port()
    tls = f"[SSL]\nCertFile = {certificate}\nKeyFile = {tmp_path / 'key.pem'}\nPorts = {tls_port}\n"
    with running_ngircd(free_port(), tmp_path, tls):
        bot = IrcBot(IrcAccount("127.0.0.1", tls_port, "oncall", CHANNEL, timeout_seconds=3.0))
        yield bot
        bot.close()


def _is_connected_within(bot: IrcBot, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not bot.is_connected and time.monotonic() < until:
        time.sleep(0.01)
    return bot.is_connected


def test_it_connects_to_a_server_whose_certificate_it_trusts(
    bot: IrcBot, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    bot.connect()
    assert _is_connected_within(bot, 10)


def test_a_server_that_nobody_vouches_for_is_not_spoken_to(bot: IrcBot, capsys: pytest.CaptureFixture[str]) -> None:
    bot.connect()
    assert not _is_connected_within(bot, 0.7)
    assert "certificate verify failed" in capsys.readouterr().out
