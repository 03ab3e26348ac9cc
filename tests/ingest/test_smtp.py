"""Our own mail server, spoken to as mail servers do: what it takes, what it refuses and how."""

import signal
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, func, select

from oncall.alerts.retention import delete_old
from oncall.errors import SetupError
from oncall.ingest import smtp
from oncall.ingest.journal import last_requests
from oncall.ingest.masking import MASK
from oncall.ingest.once import REMEMBERED
from oncall.ingest.rate import WINDOW, RateLimit
from oncall.ingest.smtp import MOST_CONNECTIONS, entrance
from oncall.ingest.smtp_door import MOST_RECIPIENTS
from oncall.models import Alert, InboundMessage, IntegrationKey, ReceivedRequest
from oncall.settings import Settings
from tests.conftest import Contents
from tests.postgres import PostgresServer
from tests.processes import ONCALL, ask, environment, running, wait_until_ready
from tests.scenarios.world import BEGINS, COMPANY, World
from tests.system import needs

DOMAIN = "alerts.example.com"
MAILS, OTHER = "Key-Of-The-Backups", "key-of-others"
KEYS = f"""
      - {{name: backups, tool: email, key: {MAILS}, options: {{resolve: RECOVERY}}}}
      - {{name: others, tool: email, key: {OTHER}}}
heartbeats:"""


def with_mail(settings: Settings, port: int, **others: object) -> Settings:
    return settings.model_copy(update={"smtp_listen": f"127.0.0.1:{port}", "email_domain": DOMAIN, **others})


@pytest.fixture
def contents() -> Contents:
    return Contents(BEGINS, (COMPANY.replace("heartbeats:", KEYS.strip("\n")),))


@pytest.fixture(autouse=True)
def refused_in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "REFUSAL_SECONDS", 0.0)


@pytest.fixture
def world(sqlite_settings: Settings, free_port: Callable[[], int]) -> Iterator[World]:
    with World(with_mail(sqlite_settings, free_port(), email_from="oncall <oncall@example.com>")) as world:
        yield world


def connect(world: World) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", int(world.settings.smtp_listen.rpartition(":")[2]), timeout=10)


def mail(subject: str, text: str = "See the log.") -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "backup@db1.example.com", subject
    letter.set_content(text)
    return letter


def send(world: World, subject: str, *to: str, text: str = "See the log.") -> dict[str, tuple[int, bytes]]:
    with connect(world) as door:
        return door.send_message(mail(subject, text), "backup@db1.example.com", to or [f"{MAILS}@{DOMAIN}"])


def refused(world: World, subject: str, *to: str, text: str = "See the log.") -> tuple[int, str]:
    with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException)) as raised:
        send(world, subject, *to, text=text)
    if isinstance(raised.value, smtplib.SMTPRecipientsRefused):
        ((code, said),) = raised.value.recipients.values()
    else:
        code, said = raised.value.smtp_code, raised.value.smtp_error
    return code, said.decode() if isinstance(said, bytes) else said


def alerts(world: World) -> list[Alert]:
    found: list[Alert] = world.ask(lambda session: session.exec(select(Alert).order_by(col(Alert.id))).all())
    return found


def seen(world: World, name: str = "backups") -> list[ReceivedRequest]:
    """What the key's page shows."""
    world.runtime.journal.write()
    key = select(IntegrationKey).where(IntegrationKey.name == name)
    found: list[ReceivedRequest] = world.ask(lambda session: list(last_requests(session, session.exec(key).one())))
    return found


def test_a_mail_is_among_what_came_with_why_it_was_refused(world: World) -> None:
    send(world, "PROBLEM: backup failed", f"{MAILS.lower()}+db1@{DOMAIN}", text="password=hunter2")
    refused(world, "", text="")

    failed, taken = seen(world)
    assert (taken.method, taken.path, taken.status) == ("SMTP", f"{MASK}+db1@{DOMAIN}", 250)
    assert [each["dedup_key"] for each in taken.events] == ["db1"]
    assert "Subject: PROBLEM: backup failed" in taken.body
    assert "hunter2" not in taken.body
    assert MAILS.lower() not in taken.body.lower()
    assert (failed.status, failed.refusal) == (554, "the mail has neither a subject nor a text")


def test_a_key_that_sends_too_many_is_told_to_come_again(world: World) -> None:
    world.runtime.rate_limit = RateLimit(1 / WINDOW)
    send(world, "PROBLEM: backup failed", f"{MAILS}@{DOMAIN}")

    assert refused(world, "PROBLEM: backup failed")[0] == 451
    assert send(world, "PROBLEM: another key has its own limit", f"{OTHER}@{DOMAIN}") == {}
    assert [(each.status, "ONCALL_INGEST_RATE" in each.refusal) for each in seen(world)] == [(451, True), (250, False)]


def test_a_mail_is_an_alert_until_one_says_that_it_is_over(world: World) -> None:
    send(world, "PROBLEM: backup of Köln failed", text="Kein Platz auf /var")
    (alert,) = alerts(world)
    assert (alert.summary, alert.status) == ("PROBLEM: backup of Köln failed", "triggered")
    assert alert.details["text"] == "Kein Platz auf /var"

    send(world, "Re: PROBLEM: backup of Köln failed (2)")
    send(world, "RECOVERY: backup of Köln failed")
    (alert,) = alerts(world)
    assert (alert.event_count, alert.status) == (2, "resolved")


def test_a_mail_that_is_sent_again_for_a_lost_answer_is_taken_in_once(world: World) -> None:
    """Also when it was resolved meanwhile; and a “recovered” of before ends nothing that has begun since."""
    failed, over, again = (mail(f"{state}: backup failed") for state in ("PROBLEM", "RECOVERY", "PROBLEM"))
    for number, letter in enumerate((failed, over, again)):
        letter["Message-ID"], letter["Date"] = f"<{number}@db1.example.com>", "Mon, 05 Jan 2026 10:00:00 +0000"
    with connect(world) as door:
        for letter in (failed, failed, over, failed):
            door.send_message(letter, "backup@db1.example.com", [f"{MAILS}@{DOMAIN}"])
        assert [(alert.status, alert.event_count) for alert in alerts(world)] == [("resolved", 1)]
        door.send_message(failed, "backup@db1.example.com", [f"{OTHER}@{DOMAIN}"])
        door.send_message(again, "backup@db1.example.com", [f"{MAILS}@{DOMAIN}"])
        door.send_message(over, "backup@db1.example.com", [f"{MAILS}@{DOMAIN}"])
        assert [(alert.status, alert.event_count) for alert in alerts(world)][1:] == [("triggered", 2)]
        again.replace_header("Date", "Mon, 05 Jan 2026 10:05:00 +0000")
        door.send_message(again, "backup@db1.example.com", [f"{MAILS}@{DOMAIN}"])
        assert alerts(world)[-1].event_count == 3, "one id in every mail is no reason to lose any"
        world.clock.now += REMEMBERED
        door.send_message(again, "backup@db1.example.com", [f"{MAILS}@{DOMAIN}"])
        assert alerts(world)[-1].event_count == 4

    delete_old(world.database, 90, world.clock, lambda seconds: False)
    assert world.ask(lambda session: session.scalar(select(func.count()).select_from(InboundMessage))) == 1


def test_the_address_may_say_what_it_is_about_and_be_written_in_any_case(world: World) -> None:
    send(world, "first", f"{MAILS.lower()}+db1@{DOMAIN.upper()}")
    send(world, "second", f"{MAILS}+db1@{DOMAIN}")
    assert [(alert.dedup_key, alert.event_count) for alert in alerts(world)] == [("db1", 2)]


def test_one_mail_may_go_to_several_keys(world: World) -> None:
    send(world, "Backup failed", f"{MAILS}+a@{DOMAIN}", f"{MAILS}+a@{DOMAIN}", f"{OTHER}+b@{DOMAIN}")
    assert [(alert.dedup_key, alert.event_count) for alert in alerts(world)] == [("a", 1), ("b", 1)]


def test_what_is_not_for_us_is_refused_at_once(world: World) -> None:
    assert refused(world, "x", f"nobodys@{DOMAIN}")[0] == 550
    assert refused(world, "x", f"alertmanager-key-of-web@{DOMAIN}")[0] == 550
    assert refused(world, "x", "somebody@elsewhere.example.com") == (
        550,
        "5.7.1 We take in mail only for our own addresses",
    )
    assert send(world, "x", f"{MAILS}@{DOMAIN}", f"nobodys@{DOMAIN}").keys() == {f"nobodys@{DOMAIN}"}
    with world.database.transaction() as session:
        key = session.exec(select(IntegrationKey).where(IntegrationKey.key == MAILS)).one()
        key.revoked_at = world.clock()
        session.add(key)
    assert refused(world, "x")[0] == 550
    assert len(alerts(world)) == 1


def test_a_mail_that_is_too_large_is_refused_whether_or_not_it_says_so(world: World) -> None:
    large = "x" * 70 + "\r\n"
    assert refused(world, "x", text=large * 40_000)[0] == 552
    with connect(world) as door:
        door.ehlo("sender")
        assert door.docmd("MAIL", "FROM:<a@example.com>")[0] == 250
        assert door.rcpt(f"{MAILS}@{DOMAIN}")[0] == 250
        assert door.data("Subject: x\r\n\r\n" + large * 40_000)[0] == 552
    assert alerts(world) == []


def test_a_mail_may_be_one_long_line_but_not_one_without_an_end(world: World) -> None:
    with connect(world) as door:
        door.sendmail("a@example.com", f"{MAILS}@{DOMAIN}", "Subject: Report\r\n\r\n" + "<td>" * 10_000)
        door.mail("a@example.com")
        door.rcpt(f"{MAILS}@{DOMAIN}")
        door.docmd("DATA")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            go_on(door, b"x" * 6_000_000 + b"\r\n.\r\n")
    assert [alert.summary for alert in alerts(world)] == ["Report"]


def go_on(door: smtplib.SMTP, rest: bytes) -> None:
    """Raises SMTPServerDisconnected once the connection has been ended, whether or not the reason was read."""
    door.send(rest)
    door.getreply()
    door.noop()


@pytest.mark.parametrize("tag", [b"\xff", b"a\0b"])
def test_an_address_that_no_database_keeps_is_nobodys(tag: bytes, world: World) -> None:
    with connect(world) as door:
        door.ehlo("sender")
        door.mail("a@example.com")
        door.send(b"RCPT TO:<" + MAILS.encode() + b"+" + tag + b"@" + DOMAIN.encode() + b">\r\n")
        assert door.getreply()[0] == 550


def test_what_is_no_mail_gets_a_sentence(world: World) -> None:
    with connect(world) as door, pytest.raises(smtplib.SMTPDataError, match="must be a mail") as raised:
        door.sendmail("a@example.com", f"{MAILS}@{DOMAIN}", "no headers at all")
    assert raised.value.smtp_code == 554


def test_our_own_mails_do_not_go_round_and_notes_of_machines_are_no_problem(world: World) -> None:
    with connect(world) as door:
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="one of our own"):
            door.sendmail("oncall@example.com", f"{MAILS}@{DOMAIN}", "Subject: x\r\n\r\nAlert #1")
        note = "Subject: x\r\nAuto-Submitted: auto-replied\r\n\r\nAway"
        assert door.sendmail("", f"{MAILS}@{DOMAIN}", note) == {}
    assert alerts(world) == []


def test_a_storm_of_recipients_or_connections_is_held_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(world) as door:
        door.ehlo("sender")
        door.mail("a@example.com")
        codes = [door.rcpt(f"{MAILS}+{number}@{DOMAIN}")[0] for number in range(MOST_RECIPIENTS + 1)]
    assert codes == [250] * MOST_RECIPIENTS + [452]

    open_ones = [connect(world) for _ in range(MOST_CONNECTIONS)]
    with pytest.raises(smtplib.SMTPConnectError) as raised:
        connect(world)
    assert raised.value.smtp_code == 421

    idle, sender = open_ones[1], open_ones[0]
    sender.send_message(mail("Backup of db1 failed"), "backup@db1.example.com", [f"{MAILS}@{DOMAIN}"])
    monkeypatch.setattr(smtp, "PATIENCE", 0.0)
    send(world, "Backup of db2 failed")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        idle.noop()
    assert sender.noop()[0] == 250, "who has brought a mail lately stays"
    for door in open_ones:
        door.close()
    assert [alert.summary for alert in alerts(world)] == ["Backup of db1 failed", "Backup of db2 failed"]


def test_whoever_tries_many_addresses_is_not_heard_for_a_while_and_makes_room_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "REFUSAL_SECONDS", 600.0)
    stranger, *others = (connect(world) for _ in range(MOST_CONNECTIONS))
    stranger.ehlo("stranger")
    stranger.mail("a@example.com")
    assert stranger.rcpt(f"nobodys@{DOMAIN}")[0] == 550
    assert stranger.sock is not None
    stranger.sock.settimeout(0.2)
    with pytest.raises((smtplib.SMTPServerDisconnected, TimeoutError)):
        stranger.rcpt(f"another@{DOMAIN}")

    send(world, "Backup of db1 failed")
    assert [other.noop()[0] for other in others] == [250] * len(others)
    for door in (stranger, *others):
        door.close()


def test_a_database_that_is_full_means_later_and_never_a_false_ok(world: World) -> None:
    def limit_pages(connection: sa.engine.interfaces.DBAPIConnection, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

    with world.database.read() as session:
        pages = session.execute(sa.text("PRAGMA page_count")).scalar_one()
    sa.event.listen(world.database.engine, "checkout", limit_pages)
    answers = []
    for number in range(20):
        try:
            send(world, f"Backup of db{number}", text="x" * 70 + "\r\n" + "y" * 900 + "\r\n")
            answers.append(250)
        except smtplib.SMTPDataError as error:
            answers.append(error.smtp_code)
    assert set(answers) <= {250, 451}
    assert 451 in answers
    assert len(alerts(world)) == answers.count(250)


def test_a_database_that_is_away_means_later(
    postgres: PostgresServer, postgres_settings: Settings, free_port: Callable[[], int]
) -> None:
    name = sa.make_url(postgres_settings.database_url).database
    with World(with_mail(postgres_settings, free_port())) as world:
        send(world, "Backup failed")
        postgres.execute(
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        assert refused(world, "Backup failed")[0] == 451
        postgres.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        send(world, "Backup failed")
        assert alerts(world)[0].event_count == 2


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Of our mail server, signed by itself, and its key."""
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = ["-keyout", files[1], "-out", files[0], "-subj", f"/CN={DOMAIN}", "-addext", "subjectAltName=IP:127.0.0.1"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run(["openssl", "req", "-x509", *curve, *made], check=True, capture_output=True)
    return files


@needs("openssl")
def test_web_takes_mail_over_tls_says_that_no_engine_is_running_and_ends_cleanly(
    sqlite_settings: Settings, tmp_path: Path, free_port: Callable[[], int], certificate: tuple[Path, Path]
) -> None:
    """The real process, whose event loop is another than the tests'."""
    port, mail_port = free_port(), free_port()
    with World(sqlite_settings) as world:
        count = select(func.count()).select_from(Alert)
        tls = {"smtp_tls_certificate": certificate[0], "smtp_tls_key": certificate[1]}
        env = environment(with_mail(sqlite_settings, mail_port), port=port, **tls)
        with running([str(ONCALL), "web"], env, tmp_path) as process:
            wait_until_ready(port, "/health/live")
            assert ask(port, "GET", "/health/ready").status == 503
            with smtplib.SMTP("127.0.0.1", mail_port, timeout=10) as door:
                door.starttls(context=ssl.create_default_context(cafile=str(certificate[0])))
                door.send_message(mail("Backup failed"), "backup@db1.example.com", [f"{MAILS}@{DOMAIN}"])
            assert world.ask(lambda session: session.exec(count).one()) == 1
            with smtplib.SMTP("127.0.0.1", mail_port, timeout=10):
                process.send_signal(signal.SIGTERM)
                assert process.wait(15) == 0
        with pytest.raises(ConnectionRefusedError):
            smtplib.SMTP("127.0.0.1", mail_port, timeout=10)


def test_what_can_t_be_listened_on_or_read_is_said_before_the_start(sqlite_settings: Settings, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = with_mail(sqlite_settings, taken.getsockname()[1])
        with pytest.raises(SetupError, match="Can't listen for mail on 127"):
            entrance(settings)
    missing = {"smtp_tls_certificate": str(tmp_path / "no.pem"), "smtp_tls_key": str(tmp_path / "no.key")}
    with pytest.raises(SetupError, match="The certificate for mail can't be used"):
        entrance(with_mail(sqlite_settings, 1, **missing))
    assert entrance(sqlite_settings) is None
