"""A person who is paged on IRC and answers there: the real engine, the real bot, a real server."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from notifiers.irc import Irc
from oncall.irc.office import IrcOffice
from oncall.lifecycle.alert import AlertStatus
from oncall.lifecycle.delivery import DeliveryState
from oncall.models import ContactMethod, NoticeKind, User
from oncall.notices.tell import notify
from oncall.people import contacts
from oncall.pulse.on_irc import why_not_on_irc
from oncall.settings import Settings
from tests.irc_server import CHANNEL, NgIrcd, Person, Services, running_ngircd
from tests.scenarios.world import ALICE, World
from tests.system import needs

pytestmark = needs("ngircd")

BY_IRC = f"""
users:
  - handle: alice
    contact_methods:
      - {{name: irc, kind: irc, address: alice, verified: true}}
      - {{name: mobile, kind: sms, address: "{ALICE}", verified: true}}
    notification_rules:
      - {{urgency: high, after: 0m, contact_method: irc}}
      - {{urgency: high, after: 5m, contact_method: mobile}}
      - {{urgency: low, after: 0m, contact_method: irc}}
"""
PAGE = "CRITICAL web: Disk full on db1. !ack 1 https://oncall.example.com/alerts/1"


class IrcWorld(World):
    """A world in which Alice is paged on IRC first, and can be texted."""

    def __init__(self, settings: Settings, server: NgIrcd) -> None:
        super().__init__(settings)
        self.server = server
        self.office = self.another_office()
        self.apply(BY_IRC)

    def another_office(self) -> IrcOffice:
        """The engine's own, or that of another process; ticks are the test's, as time is."""
        self.restart_engine()
        irc = self.notifiers["irc"]
        assert isinstance(irc, Irc)
        self.irc = irc
        return IrcOffice(self.database, self.settings, self.clock, self.runtime.wake, irc)

    def tick_until(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + 15
        while not is_so():
            assert time.monotonic() < until, "it never came to that"
            self.office.tick()
            time.sleep(0.01)

    def settle(self) -> None:
        """What is left to another process stays due."""
        if self.irc.takes_now:
            super().settle()
        else:
            self.engine.run_pass()
            self.engine.run_pass()

    def connect(self) -> None:
        self.tick_until(lambda: self.irc.bot.is_connected)


@pytest.fixture
def server(free_port: Callable[[], int], tmp_path: Path) -> Iterator[NgIrcd]:
    folder = tmp_path / "ngircd"
    folder.mkdir()
    with running_ngircd(free_port(), folder) as server:
        yield server


@pytest.fixture
def world(settings: Settings, server: NgIrcd) -> Iterator[IrcWorld]:
    irc = {"irc_server": f"127.0.0.1:{server.port}", "irc_tls": False, "irc_line_seconds": 0.0, "irc_topic": "*"}
    with IrcWorld(settings.model_copy(update=irc), server) as world:
        yield world
        world.irc.bot.close()


@pytest.fixture
def services(server: NgIrcd) -> Iterator[Services]:
    services = Services(server.port)
    yield services
    services.close()


@pytest.fixture
def alice(server: NgIrcd, services: Services) -> Iterator[Person]:
    """In the channel, and known to the network's services."""
    alice = Person(server.port, "alice")
    services.identify("alice")
    yield alice
    alice.close()


@pytest.fixture
def lurker(server: NgIrcd) -> Iterator[Person]:
    lurker = Person(server.port, "lurker")
    yield lurker
    lurker.close()


def test_a_page_is_said_and_acknowledged_in_the_channel(world: IrcWorld, alice: Person, lurker: Person) -> None:
    world.connect()
    world.fire()
    assert alice.hears_in_private() == PAGE
    assert lurker.hears() == f"alice: {PAGE}"
    alice.say("!ack 1")
    assert lurker.hears() == "!ack 1"
    assert lurker.hears() == "alice: #1 acknowledged: Disk full on db1"
    assert world.alert().status is AlertStatus.ACKNOWLEDGED
    assert "+0 IRC message to Alice Archer sent" in world.story()
    assert "+0 Acknowledged by Alice Archer by IRC message" in world.story()


def test_a_lurker_can_not_acknowledge_and_is_told_so(
    world: IrcWorld, alice: Person, lurker: Person, services: Services
) -> None:
    world.connect()
    world.fire()
    lurker.hears()
    lurker.say("!ack 1")
    assert lurker.hears().startswith("lurker: Nothing was done: the network's services do not know you.")
    services.identify("lurker")
    lurker.say("!ack 1")
    assert lurker.hears().startswith("lurker: Nothing was done: lurker is not verified")
    lurker.say("!note 1 mine", to="oncall")
    assert lurker.hears_in_private().startswith("Nothing was done")
    assert world.alert().status is AlertStatus.TRIGGERED
    alice.say("ack", to="oncall")
    alice.hears_in_private()
    assert alice.hears_in_private() == "#1 acknowledged: Disk full on db1"


def test_an_answer_with_more_words_is_never_met_with_silence(world: IrcWorld, alice: Person, lurker: Person) -> None:
    world.connect()
    world.fire()
    lurker.hears()
    for text, meant in (("!ack 1, on it", "ack 1"), ("!ack all of them", "ack all")):
        alice.say(text)
        assert lurker.hears() == text
        assert lurker.hears() == (
            f"alice: Nothing was done, as there was more than “{meant}”. If you mean it, send just that."
        )
    assert world.alert().status is AlertStatus.TRIGGERED
    alice.say("!ack 1")
    assert lurker.hears() == "!ack 1"
    assert lurker.hears() == "alice: #1 acknowledged: Disk full on db1"


def test_commands_one_by_one(world: IrcWorld, alice: Person) -> None:
    world.connect()
    world.fire()
    alice.hears_in_private()

    def answer(command: str) -> str:
        alice.say(command, to="oncall")
        return alice.hears_in_private()

    assert answer("!note 1 rolled back the deploy") == "#1 noted"
    assert "+0 Alice Archer: rolled back the deploy" in world.story()
    assert answer("!note one").startswith("Write !note, the alert's number and the note")
    assert answer("!ack 99") == "#99: There is no alert #99."
    assert answer("!oncall dev") == "dev: alice (L1) bob (L2) until Wed 25 Nov 10:00 EST"
    assert answer("!oncall nosuch") == "There is no schedule nosuch."
    world.advance(seconds=1)
    assert answer("!page dev Checkout fails for everybody") == "#2 opened on web: dev is being paged"
    assert answer("!page nosuch Checkout fails") == "There is no schedule nosuch."
    assert answer("!page dev").startswith("Write !page, a schedule and what is wrong")
    world.settle()
    assert alice.hears_in_private().startswith("ERROR web: Checkout fails for everybody. !ack 2")
    assert answer("!escalate 2") == "#2 escalated to Bob Nguyen: Checkout fails for everybody"
    world.settle()
    assert len(world.texts()) == 1
    assert answer("!resolve 1") == "#1 resolved: Disk full on db1"
    assert answer("!ack all") == "#2 acknowledged: Checkout fails for everybody"
    assert answer("!help").startswith("!oncall [schedule]")


def test_what_is_for_other_bots_is_not_answered_and_help_is_given_once(world: IrcWorld, alice: Person) -> None:
    world.connect()
    for text in ("!seen bob", "!stop", "hello", "ack 1"):
        alice.say(text)
    for text in ("hello?", "is anybody there?"):
        alice.say(text, to="oncall")
    assert alice.hears_in_private().startswith("!oncall [schedule]")
    alice.say("!oncall")
    assert "alice: dev: alice (L1) bob (L2)" in alice.wait_for("PRIVMSG")
    assert alice.heard_since("token") == []


def test_somebody_who_is_not_there_is_texted_at_once(world: IrcWorld) -> None:
    world.connect()
    world.fire()
    assert world.numbers_texted() == [ALICE]
    assert "+0 IRC message to Alice Archer failed: not on IRC" in world.story()
    world.reply(ALICE, "ack")


def test_somebody_who_is_not_there_but_was_texted_is_called_no_sooner(world: IrcWorld) -> None:
    world.apply(
        f"""
users:
  - handle: alice
    contact_methods:
      - {{name: irc, kind: irc, address: alice, verified: true}}
      - {{name: mobile, kind: sms, address: "{ALICE}", verified: true}}
      - {{name: call, kind: voice, address: "{ALICE}", verified: true}}
    notification_rules: []
"""
    )
    world.connect()
    world.fire()
    (text,) = world.twilio.take_messages()
    assert "+0 IRC message to Alice Archer failed: not on IRC" in world.story()
    assert world.calls() == []
    world.twilio.report(text, "undelivered", ErrorCode="30003")
    world.settle()
    assert [call.to for call in world.calls()] == [ALICE], "an undelivered text is followed at once"
    world.reply(ALICE, "ack")


def test_what_an_alert_says_can_not_give_a_command(world: IrcWorld, alice: Person, lurker: Person) -> None:
    world.connect()
    world.fire("injected\r\nPRIVMSG #warroom :!ack 1")
    assert "injected PRIVMSG #warroom :!ack 1" in lurker.hears()
    assert lurker.heard_since("token") == []
    alice.say("!resolve 1")
    assert alice.hears().endswith("!ack 1 https://oncall.example.com/alerts/1")


def test_a_code_is_said_in_private_and_confirms_the_nick(
    world: IrcWorld, alice: Person, lurker: Person, services: Services
) -> None:
    world.connect()
    services.identify("lurker")
    with world.database.transaction() as session:
        bob = session.exec(select(User).where(User.handle == "bob")).one()
        method = contacts.add_method(session, bob, "irc", "irc", "Lurker")
        contacts.send_code(session, method, world.clock())
    world.settle()
    code = lurker.hears_in_private().split(" is your code")[0]
    assert alice.heard_since("token") == []
    with world.database.transaction() as session:
        assert contacts.verify(session, session.get_one(ContactMethod, method.id), code, world.clock())
    world.fire()
    alice.hears_in_private()
    lurker.say("!ack 1")
    assert alice.wait_for("lurker: ").endswith("#1 acknowledged: Disk full on db1")
    assert "+0 Acknowledged by Bob Nguyen by IRC message" in world.story()


def test_a_notice_is_told_in_private_alone(world: IrcWorld, alice: Person, lurker: Person) -> None:
    world.connect()
    with world.database.transaction() as session:
        user = session.exec(select(User).where(User.handle == "alice")).one()
        notify(session, [user.id or 0], NoticeKind.SHIFT_START, "Your shift on dev (L1) begins now.", world.clock())
    world.settle()
    assert alice.hears_in_private() == "Your shift on dev (L1) begins now."
    assert lurker.heard_since("token") == []


def test_without_a_connection_a_page_waits_a_minute_and_then_goes_another_way(world: IrcWorld) -> None:
    world.server.kill()
    world.office.tick()
    world.fire()
    assert world.texts() == []
    assert [delivery.state for delivery in world.deliveries()] == [DeliveryState.PENDING] * 2
    world.clock.now += timedelta(seconds=61)
    world.office.tick()
    world.settle()
    assert world.numbers_texted() == [ALICE]
    assert any("failed: IRC is not connected" in line for line in world.story())
    world.reply(ALICE, "ack")


def test_whether_it_works_is_told_to_prometheus_and_to_admins(world: IrcWorld, server: NgIrcd) -> None:
    """A minute after the connection was lost, as by then pages go other ways."""
    world.connect()
    world.office.tick()
    assert "oncall_irc_up 1.0" in world.client.get("/metrics").text
    server.kill()
    world.tick_until(lambda: not world.irc.bot.is_connected)
    world.clock.now += timedelta(seconds=61)
    world.office.tick()
    assert "oncall_irc_up 0.0" in world.client.get("/metrics").text
    assert world.ask(lambda session: why_not_on_irc(session, world.clock())).startswith("Nobody is paged on IRC.")


def test_a_page_that_waited_is_said_once_the_server_is_back(world: IrcWorld, server: NgIrcd) -> None:
    server.kill()
    world.office.tick()
    world.fire()
    server.start()
    services, alice = Services(server.port), Person(server.port, "alice")
    services.identify("alice")
    world.connect()
    world.settle()
    assert alice.hears_in_private() == PAGE
    assert alice.hears() == f"alice: {PAGE}"
    alice.say("!ack 1")
    assert alice.hears() == "alice: #1 acknowledged: Disk full on db1"
    alice.close()
    services.close()


def test_another_process_has_the_bot_and_takes_over_when_it_dies(world: IrcWorld, alice: Person) -> None:
    world.connect()
    dead_bot, dead = world.irc.bot, world.office
    other = world.another_office()
    other.tick()
    assert not world.irc.takes_now
    world.fire()
    assert [delivery.state for delivery in world.deliveries()] == [DeliveryState.PENDING] * 2
    dead_bot.close()  # as the kernel does for a process that was killed
    world.clock.now += timedelta(seconds=10)
    world.office = other
    world.connect()
    world.settle()
    assert alice.hears_in_private() == PAGE
    dead.tick()
    assert world.irc.bot.is_connected
    assert not dead_bot.is_connected


def test_the_topic_follows_who_is_on_call_and_leaves_the_rest(world: IrcWorld, alice: Person) -> None:
    alice.send(f"TOPIC {CHANNEL} :Outage talk only")
    world.connect()
    world.office.tick()
    dev = "dev: alice (L1) bob (L2) until Wed 25 Nov 10:00 EST || Outage talk only"
    assert alice.wait_for("TOPIC", "oncall!").endswith(f":{dev}")
    world.tick_until(lambda: (world.irc.bot.topic() or ("",))[0] == dev)
    world.office.tick()
    world.clock.now += timedelta(hours=49)
    world.office.tick()
    assert "dev: bob (L1) alice (L2) until Sat 28 Nov" in alice.wait_for("TOPIC")
    assert alice.heard_since("token") == []
