"""From the first line to a seat in the channel. What servers say is as RFC 2812 and the IRCv3 pages show it."""

import base64
from dataclasses import replace

import pytest

from notifiers.irc_account import IrcAccount
from notifiers.irc_line import read_line, write_line
from notifiers.irc_login import Login, Refused

ACCOUNT = IrcAccount("irc.test", 6697, "oncall", "#warroom")


class Desk:
    """A login, and what it has sent since this was last asked."""

    def __init__(self, account: IrcAccount = ACCOUNT) -> None:
        self._sent: list[str] = []
        self.login = Login(account, lambda *words: self._sent.append(write_line(*words).decode().rstrip()))
        self.login.begin()

    def sent(self) -> list[str]:
        sent, self._sent[:] = list(self._sent), []
        return sent

    def hears(self, *lines: str) -> list[str]:
        self.sent()
        for text in lines:
            line = read_line(text.encode())
            assert line is not None
            self.login.hear(line)
        return self.sent()


def test_a_plain_server_lets_us_in() -> None:
    desk = Desk()
    assert desk.sent() == ["CAP LS 302", "NICK oncall", "USER oncall 0 * :on-call rotation and paging"]
    assert desk.hears(":irc.test 421 oncall CAP :Unknown command") == []
    assert desk.hears(":irc.test 001 oncall :Welcome") == ["JOIN #warroom"]
    assert not desk.login.is_joined
    desk.hears(":irc.test 353 oncall = #warroom :oncall alice", ":irc.test 366 oncall #WarRoom :End of NAMES list")
    assert desk.login.is_joined


def test_the_servers_own_password_comes_first() -> None:
    assert Desk(replace(ACCOUNT, server_password="open sesame")).sent()[0] == "PASS :open sesame"


def test_sasl_where_the_server_offers_it() -> None:
    desk = Desk(replace(ACCOUNT, password="sesame"))
    offer = ":irc.test CAP * LS * :multi-prefix account-tag"
    assert desk.hears(offer, ":irc.test CAP * LS :sasl=PLAIN,EXTERNAL away-notify") == ["CAP REQ :account-tag sasl"]
    assert desk.hears(":irc.test CAP oncall ACK :account-tag sasl ") == ["AUTHENTICATE PLAIN"]
    (secret,) = desk.hears("AUTHENTICATE +")
    assert base64.b64decode(secret.split()[1]) == b"oncall\0oncall\0sesame"
    logged_in = ":irc.test 900 oncall oncall!o@h oncall :You are now logged in"
    assert desk.hears(logged_in, ":irc.test 903 oncall :SASL authentication successful") == ["CAP END"]
    assert desk.hears(":irc.test 001 oncall :Welcome") == ["JOIN #warroom"]


@pytest.mark.parametrize(("length", "lines"), [(50, 1), (283, 1), (284, 2), (300, 2)])
def test_a_long_password_goes_in_lines_of_400(length: int, lines: int) -> None:
    desk = Desk(replace(ACCOUNT, password="x" * length))
    desk.hears(":irc.test CAP * LS :sasl", ":irc.test CAP * ACK :sasl")
    sent = [line.split()[1] for line in desk.hears("AUTHENTICATE +")]
    assert len(sent) == lines
    assert base64.b64decode("".join(sent).removesuffix("+")).endswith(b"\0" + b"x" * length)
    assert len(sent[-1]) < 400


def test_a_wrong_password_is_refused() -> None:
    desk = Desk(replace(ACCOUNT, password="wrong"))
    desk.hears(":irc.test CAP * LS :sasl", ":irc.test CAP * ACK :sasl", "AUTHENTICATE +")
    with pytest.raises(Refused, match="SASL authentication failed"):
        desk.hears(":irc.test 904 oncall :SASL authentication failed")


def test_nickserv_where_there_is_no_sasl() -> None:
    desk = Desk(replace(ACCOUNT, password="sesame"))
    assert desk.hears(":irc.test CAP * LS :multi-prefix") == ["CAP END"]
    assert desk.hears(":irc.test 001 oncall :Welcome") == ["PRIVMSG NickServ :IDENTIFY oncall sesame"]
    assert desk.hears(":alice!a@h NOTICE oncall :hi") == []
    assert desk.hears(":NickServ!s@services NOTICE oncall :You are now identified") == ["JOIN #warroom"]
    assert desk.hears(":NickServ!s@services NOTICE oncall :Have a nice day") == []


def test_without_a_password_no_sasl_is_asked_for() -> None:
    assert Desk().hears(":irc.test CAP * LS :sasl account-tag") == ["CAP REQ account-tag"]


def test_a_server_that_takes_its_offer_back_lets_us_in_all_the_same() -> None:
    assert Desk().hears(":irc.test CAP * LS :account-tag", ":irc.test CAP * NAK :account-tag") == [
        "CAP REQ account-tag",
        "CAP END",
    ]


def test_a_nick_in_use_gets_underscores_until_it_is_too_much() -> None:
    desk = Desk()
    in_use = ":irc.test 433 * oncall :Nickname already in use"
    assert desk.hears(in_use, in_use, in_use) == ["NICK oncall_", "NICK oncall__", "NICK oncall___"]
    with pytest.raises(Refused, match="already in use"):
        desk.hears(in_use)


def test_once_we_are_in_another_nick_is_not_tried() -> None:
    desk = Desk()
    desk.hears(":irc.test 001 oncall_ :Welcome")
    assert desk.hears(":irc.test 433 oncall_ oncall :Nickname already in use") == []
    assert desk.login.nick == "oncall_"


@pytest.mark.parametrize("number", ["464", "465", "471", "473", "474", "475", "477"])
def test_whatever_keeps_us_out_is_told(number: str) -> None:
    desk = Desk()
    desk.hears(":irc.test 001 oncall :Welcome")
    with pytest.raises(Refused, match="Cannot join channel"):
        desk.hears(f":irc.test {number} oncall #warroom :Cannot join channel")
