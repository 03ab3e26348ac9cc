"""Our bot on a real server: it comes, delivers, stays within limits, and comes back."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from notifiers.base import PermanentFailure, SendFailure, TemporaryFailure
from notifiers.irc_account import IrcAccount
from notifiers.irc_bot import IrcBot
from notifiers.irc_flood import BURST
from notifiers.irc_session import Said
from tests.irc_server import CHANNEL, SECONDS, NgIrcd, Person, Services, running_ngircd
from tests.system import needs

pytestmark = needs("ngircd")


class Ears:
    """What the bot has heard; it repeats it, with the identity it found."""

    def is_for_us(self, said: Said) -> bool:
        return said.text.startswith("!")

    def answer(self, said: Said, identity: str) -> str:
        return f"{identity or 'nobody'} said {said.text}"

    def changed(self) -> None:
        pass


@pytest.fixture
def server(free_port: Callable[[], int], tmp_path: Path) -> Iterator[NgIrcd]:
    with running_ngircd(free_port(), tmp_path) as server:
        yield server


@pytest.fixture
def account(server: NgIrcd) -> IrcAccount:
    """Without a flood limit, and with a nick as all that is asked."""
    plain = IrcAccount("127.0.0.1", server.port, "oncall", CHANNEL, tls=False, timeout_seconds=3.0)
    return replace(plain, identified_only=False, line_seconds=0.0)


@contextmanager
def connected(account: IrcAccount) -> Iterator[IrcBot]:
    bot = IrcBot(account)
    bot.listener = Ears()
    bot.connect()
    try:
        wait_until(lambda: bot.is_connected)
        yield bot
    finally:
        bot.close()


def wait_until(is_so: Callable[[], bool], seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.01)


def test_a_page_is_said_in_private_and_by_name_in_the_channel(server: NgIrcd, account: IrcAccount) -> None:
    with connected(account) as bot:
        alice = Person(server.port, "alice")
        bot.deliver("alice", "CRITICAL web: Disk full on db1. !ack 12", by_name=True)
        assert alice.hears_in_private() == "CRITICAL web: Disk full on db1. !ack 12"
        assert alice.hears() == "alice: CRITICAL web: Disk full on db1. !ack 12"
        alice.close()


def test_a_teams_page_is_said_to_all_in_the_channel(server: NgIrcd, account: IrcAccount) -> None:
    with connected(account) as bot:
        lurker = Person(server.port, "lurker")
        bot.announce(CHANNEL, "CRITICAL web: Disk full on db1. !ack 12")
        assert lurker.hears() == "CRITICAL web: Disk full on db1. !ack 12"
        with pytest.raises(PermanentFailure, match=f"the bot is in {CHANNEL} only"):
            bot.announce("#elsewhere", "Disk full")
        lurker.close()


def test_what_is_private_is_not_said_in_the_channel(server: NgIrcd, account: IrcAccount) -> None:
    with connected(account) as bot:
        alice, lurker = Person(server.port, "alice", in_channel=False), Person(server.port, "lurker")
        bot.deliver("alice", "123456 is your code", by_name=False)
        assert alice.hears_in_private() == "123456 is your code"
        assert lurker.heard_since("token") == []
        alice.close()
        lurker.close()


def test_somebody_who_is_not_there_can_not_be_reached(account: IrcAccount) -> None:
    with connected(account) as bot, pytest.raises(PermanentFailure, match="not on IRC"):
        bot.deliver("alice", "Disk full", by_name=True)


def test_somebody_who_is_away_can_not_be_reached(server: NgIrcd, account: IrcAccount) -> None:
    with connected(account) as bot:
        alice = Person(server.port, "alice")
        alice.send("AWAY :lunch")
        alice.wait_for(" 306 ")
        with pytest.raises(PermanentFailure, match="away on IRC"):
            bot.deliver("alice", "Disk full", by_name=False)
        alice.close()


def test_only_somebody_whom_the_services_know_is_paged_and_heard(server: NgIrcd, account: IrcAccount) -> None:
    with connected(replace(account, identified_only=True)) as bot:
        services, alice = Services(server.port), Person(server.port, "Alice")
        with pytest.raises(PermanentFailure, match="not identified"):
            bot.deliver("alice", "123456 is your code", by_name=False)
        alice.say("!ack 12")
        assert alice.hears() == "Alice: nobody said !ack 12"
        services.identify("Alice")
        bot.deliver("alice", "123456 is your code", by_name=False)
        assert alice.hears_in_private() == "123456 is your code"
        alice.say("!ack 12", to="oncall")
        assert alice.hears_in_private() == "alice said !ack 12"
        services.forget("Alice")
        alice.say("!ack 12", to="oncall")
        assert alice.hears_in_private() == "nobody said !ack 12"
        alice.close()
        services.close()


class Busy(Ears):
    """Answers nothing before `free`."""

    def __init__(self) -> None:
        self.asked, self.free, self.done = Event(), Event(), 0

    def answer(self, said: Said, identity: str) -> str:
        self.asked.set()
        self.free.wait(SECONDS)
        self.done += 1
        return super().answer(said, identity)


def test_what_was_said_by_whoever_had_the_nick_before_is_nobodys(server: NgIrcd, account: IrcAccount) -> None:
    with connected(replace(account, identified_only=True)) as bot:
        bot.listener = busy = Busy()
        services, lurker = Services(server.port), Person(server.port, "lurker")
        mallory = Person(server.port, "mallory")
        mallory.send("NICK alice")
        lurker.say("!help")
        assert busy.asked.wait(SECONDS)
        mallory.say("!ack 12")
        lurker.wait_for("!ack 12")
        mallory.send("NICK mallory")
        mallory.wait_for(":alice!", " NICK ")
        alice = Person(server.port, "alice")
        services.identify("alice")
        busy.free.set()
        assert lurker.hears() == "lurker: nobody said !help"
        assert lurker.hears() == "alice: nobody said !ack 12"
        for each in (alice, mallory, lurker, services):
            each.close()


def test_who_asks_again_and_again_takes_no_lines_from_pages(server: NgIrcd, account: IrcAccount) -> None:
    with connected(replace(account, line_seconds=1.0, timeout_seconds=10.0)) as bot:
        bot.listener = busy = Busy()
        busy.free.set()
        mallory = Person(server.port, "mallory")
        for number in range(12):
            mallory.say(f"!ack {number}")
        wait_until(lambda: busy.done == 12)
        bot.announce(CHANNEL, "Disk full")
        assert [mallory.hears() for _ in range(BURST + 1)][-2:] == ["mallory: mallory said !ack 4", "Disk full"]
        mallory.close()


def test_it_comes_back_when_the_server_was_killed_and_started_anew(server: NgIrcd, account: IrcAccount) -> None:
    with connected(account) as bot:
        server.kill()
        wait_until(lambda: not bot.is_connected)
        with pytest.raises(TemporaryFailure, match="not connected"):
            bot.deliver("alice", "Disk full", by_name=True)
        server.start()
        wait_until(lambda: bot.is_connected)
        alice = Person(server.port, "alice")
        bot.deliver("alice", "Disk full", by_name=False)
        assert alice.hears_in_private() == "Disk full"
        alice.close()


def test_it_waits_for_a_server_that_is_not_there_yet(server: NgIrcd, account: IrcAccount) -> None:
    server.kill()
    bot = IrcBot(account)
    bot.connect()
    server.start()
    wait_until(lambda: bot.is_connected)
    bot.close()


def test_a_server_that_does_not_answer_is_a_failure_for_now_within_the_time_out(
    server: NgIrcd, account: IrcAccount
) -> None:
    with connected(replace(account, timeout_seconds=0.3)) as bot:
        server.freeze()
        began = time.monotonic()
        with pytest.raises(TemporaryFailure, match="did not answer in time") as failure:
            bot.deliver("alice", "Disk full", by_name=True)
        assert failure.value.maybe_accepted
        assert time.monotonic() - began < 2
        server.thaw()


def test_a_nick_in_use_does_not_keep_it_away(server: NgIrcd, account: IrcAccount) -> None:
    other = Person(server.port, "oncall", in_channel=False)
    with connected(account) as bot:
        alice = Person(server.port, "alice")
        bot.deliver("alice", "Disk full", by_name=False)
        assert ":oncall_!" in alice.wait_for("Disk full")
        alice.say("!help", to="oncall_")
        assert alice.hears_in_private() == "alice said !help"
        alice.close()
    other.close()


def test_thrown_out_of_the_channel_it_comes_back(server: NgIrcd, account: IrcAccount) -> None:
    alice = Person(server.port, "alice")
    with connected(account) as bot:
        alice.send(f"KICK {CHANNEL} oncall :out")
        wait_until(lambda: not bot.is_connected)
        wait_until(lambda: bot.is_connected)
    alice.close()


def test_lines_are_held_to_the_flood_limit(server: NgIrcd, account: IrcAccount) -> None:
    """A page takes four: who is it, in private, was it read, in the channel. Five leave at once."""
    with connected(replace(account, line_seconds=0.2)) as bot:
        alice, lurker = Person(server.port, "alice"), Person(server.port, "lurker")
        began = time.monotonic()
        for number in range(3):
            bot.deliver("alice", f"Disk full on db{number}", by_name=True)
        lurker_heard = [lurker.hears() for _ in range(3)]
        assert time.monotonic() - began >= (3 * 4 - BURST) * 0.2
        assert lurker_heard == [f"alice: Disk full on db{number}" for number in range(3)]
        assert [alice.hears_in_private() for _ in range(3)] == [f"Disk full on db{number}" for number in range(3)]
        alice.close()
        lurker.close()


def test_of_pages_at_once_none_waits_for_what_the_channel_is_told_of_the_others(
    server: NgIrcd, account: IrcAccount
) -> None:
    with connected(replace(account, line_seconds=1.0, timeout_seconds=60.0)) as bot, ExitStack() as stack:
        lurker, *people = (Person(server.port, name) for name in ("lurker", "alice", "bob", "carol"))
        for each in (lurker, *people):
            stack.callback(each.close)
        with ThreadPoolExecutor() as threads:
            sending = [threads.submit(bot.deliver, each.nick, "Disk full", by_name=True) for each in people]
        assert [each.result() for each in sending] == [None] * 3
        assert len(lurker.heard_since("now")) <= 1, "of the one that was over before the last came"
        assert [each.hears_in_private() for each in people] == ["Disk full"] * 3


def test_what_the_flood_limit_holds_up_too_long_is_a_failure_for_now(server: NgIrcd, account: IrcAccount) -> None:
    with connected(replace(account, line_seconds=1.0, timeout_seconds=0.5)) as bot:
        alice = Person(server.port, "alice")
        bot.deliver("alice", "Disk full on db1", by_name=True)
        with pytest.raises(TemporaryFailure, match="in time"):
            bot.deliver("alice", "Disk full on db2", by_name=True)
        alice.close()


def test_no_line_that_arrives_is_longer_than_512_bytes_or_ends_within_a_character(
    server: NgIrcd, account: IrcAccount
) -> None:
    with connected(account) as bot:
        alice = Person(server.port, "alice")
        bot.deliver("alice", "Ж" * 250 + "€" * 100 + " end", by_name=True)
        private = "".join(alice.hears_in_private() for _ in range(3))
        assert private == "Ж" * 250 + "€" * 100 + " end"
        assert max(map(len, alice.raw)) <= 512
        alice.close()


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\0", "\x01ACTION\x01\n"])
def test_what_is_said_can_not_give_a_command(server: NgIrcd, account: IrcAccount, ending: str) -> None:
    with connected(account) as bot:
        alice = Person(server.port, "alice")
        bot.deliver("alice", f"Disk full{ending}QUIT :injected{ending}PRIVMSG {CHANNEL} :injected", by_name=False)
        assert "\x01" not in alice.hears_in_private()
        assert alice.heard_since("token") == []
        assert bot.is_connected
        alice.close()


def test_the_topic_is_read_and_set(server: NgIrcd, account: IrcAccount) -> None:
    alice = Person(server.port, "alice")
    alice.send(f"TOPIC {CHANNEL} :Outage talk only")
    alice.wait_for("TOPIC")
    with connected(account) as bot:
        assert bot.topic() == ("Outage talk only", alice.topic_limit)
        alice.send(f"MODE {CHANNEL} -t")
        bot.set_topic("dev: alice (L1) ||")
        alice.wait_for(f"TOPIC {CHANNEL} :dev: alice (L1) ||")
        wait_until(lambda: bot.topic() == ("dev: alice (L1) ||", alice.topic_limit))
    alice.close()


def test_a_channel_whose_topic_is_for_operators_is_left_alone(server: NgIrcd, account: IrcAccount) -> None:
    alice = Person(server.port, "alice")
    alice.send(f"MODE {CHANNEL} +t")
    alice.wait_for("MODE")
    with connected(account) as bot:
        bot.set_topic("dev: alice (L1) ||")
        wait_until(lambda: bot.topic() is None)
    alice.close()


def test_ten_threads_at_once_each_get_their_own_answer(server: NgIrcd, account: IrcAccount) -> None:
    with connected(account) as bot, ExitStack() as people, ThreadPoolExecutor(10) as threads:
        for number in range(0, 10, 2):
            people.callback(Person(server.port, f"p{number}").close)

        def page(number: int) -> str:
            try:
                bot.deliver(f"p{number}", "Disk full", by_name=True)
            except SendFailure as failure:
                return failure.reason
            return "sent"

        assert list(threads.map(page, range(10))) == ["sent", "not on IRC"] * 5
