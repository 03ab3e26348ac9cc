"""Settings of IRC that are half there, or unsafe, refuse to start and say what to do."""

import pytest

from oncall.auth.signing import Signer
from oncall.delivery.accounts import accounts_of
from oncall.errors import SetupError
from oncall.settings import Settings, load_settings

SIGNER = Signer("a secret that only the tests know")

SERVER = "irc.example.com:6697"


def _load(**values: object) -> Settings:
    return load_settings(_env_file=None, **values)


def test_without_a_server_irc_is_off() -> None:
    assert accounts_of(_load(), SIGNER).irc is None


@pytest.mark.parametrize(("server", "host"), [(SERVER, "irc.example.com"), ("[::1]:6697", "::1")])
def test_a_server_is_a_host_and_a_port(server: str, host: str) -> None:
    account = accounts_of(_load(irc_server=server, irc_password="sesame"), SIGNER).irc
    assert account is not None
    assert (account.host, account.port, account.tls, account.identified_only) == (host, 6697, True, True)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"irc_server": "irc.example.com"}, "irc_server must be a host and a port"),
        ({"irc_server": "irc.example.com:0"}, "irc_server must be a host and a port"),
        ({"irc_server": SERVER, "irc_nick": "on call"}, "irc_nick must be letters and digits"),
        ({"irc_server": SERVER, "irc_channel": "warroom"}, "irc_channel must begin with #"),
        ({"irc_server": SERVER, "irc_channel": "#a,#b"}, "irc_channel must begin with #"),
        ({"irc_password": "sesame"}, "need irc_server beside them"),
        ({"irc_topic": "*"}, "need irc_server beside them"),
        ({"irc_server": SERVER, "irc_tls": False, "irc_password": "sesame"}, "irc_tls must be on with a password"),
        ({"irc_server": SERVER, "demo": True}, "demo can't be combined with irc_server"),
    ],
)
def test_what_is_half_there_or_unsafe_is_refused(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(SetupError, match=sentence) as refused:
        _load(**values)
    assert "sesame" not in str(refused.value)
