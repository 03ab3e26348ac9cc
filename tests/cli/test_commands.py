"""What the commands that end print and do."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from oncall.db.database import Database
from oncall.installation import lock_plans
from oncall.settings import Settings
from tests.cli.conftest import Oncall
from tests.web.api.conftest import COMPANY

AT = "2026-01-06T12:00Z"


def test_nobody_s_typing_mistake_ends_in_a_traceback(command: Oncall) -> None:
    printed = command("who", "--at", "tomorrow")

    assert printed.code == 1
    assert printed.err.startswith("“tomorrow” is not a time: write it like 2026-01-05T10:00:00Z")
    assert "Traceback" not in printed.err


def test_a_bad_setting_is_named(command: Oncall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_PORT", "many")

    printed = command("who")

    assert printed.code == 1
    assert "ONCALL_PORT" in printed.err


@pytest.mark.parametrize("level", ["debug", " Info ", "critical"])
def test_a_log_level_may_be_written_in_small_letters(
    command: Oncall, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    monkeypatch.setenv("ONCALL_LOG_LEVEL", level)

    assert command("migrate").code == 0


def test_an_unknown_log_level_is_told_the_known_ones(command: Oncall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_LOG_LEVEL", "loud")

    assert command("migrate").err == (
        "Settings can't be used:\n  ONCALL_LOG_LEVEL: must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL\n"
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///", "ONCALL_DATABASE_URL: must name a file, such as sqlite:///oncall.db"),
        ("sqlite:///:memory:", "ONCALL_DATABASE_URL: must name a file, such as sqlite:///oncall.db"),
        ("sqlite:///a-file/oncall.db", "The database can't be kept in a-file (File exists): set ONCALL_DATABASE_URL."),
        ("sqlite:///.", "The database does not answer: unable to open database file"),
        ("sqlite:///a-file", "The database does not answer: file is not a database"),
        ("postgresql://alice:secret@host:port/oncall", "ONCALL_DATABASE_URL: can't be read: write postgresql://USER"),
    ],
)
def test_a_database_that_can_t_be_used_gets_a_sentence(
    command: Oncall, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str, said: str
) -> None:
    (tmp_path / "a-file").write_text("This is no database, but a letter. " * 40)
    monkeypatch.setenv("ONCALL_DATABASE_URL", url)

    printed = command("migrate")

    assert printed.code == 1
    assert said in printed.err
    assert "secret" not in printed.err


def test_a_database_that_is_not_there_is_not_made(
    command: Oncall, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")

    printed = command("who")

    assert (printed.code, (tmp_path / "other.db").exists()) == (1, False)
    assert "run “oncall migrate”" in printed.err


def test_a_database_that_does_not_answer_is_said_to(command: Oncall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URL", "postgresql://alice:secret@127.0.0.1:1/oncall")

    printed = command("who")

    assert printed.code == 1
    assert printed.err.startswith("The database does not answer: ")
    assert "secret" not in printed.err


def test_a_database_that_can_only_be_read_is_said_to_be_one(
    command: Oncall, monkeypatch: pytest.MonkeyPatch, postgres_settings: Settings
) -> None:
    standby = f"{postgres_settings.database_url}&options=-c%20default_transaction_read_only%3Don"
    monkeypatch.setenv("ONCALL_DATABASE_URL", standby)

    assert command("export").code == 0
    printed = command("apply", "-", typed="users: [{handle: alice, name: Alice Archer}]")

    assert (printed.code, printed.err) == (
        1,
        "This database can only be read: it may be a standby. See ONCALL_DATABASE_URL.\n",
    )


def test_a_lock_that_another_holds_for_long_is_said_to_be_held(
    command: Oncall, monkeypatch: pytest.MonkeyPatch, postgres_settings: Settings
) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URL", postgres_settings.database_url)
    adding = "users: [{handle: %s, name: Somebody}]"
    assert command("apply", "-", typed=adding % "alice").code == 0

    with closing(Database(postgres_settings)) as database, database.transaction() as other:
        lock_plans(other)
        printed = command("apply", "-", typed=adding % "bob")

    assert (printed.code, printed.err) == (
        1,
        "Somebody else is changing the same at this moment. Try again in a few seconds.\n",
    )


@pytest.mark.parametrize("arguments", ["who", "doctor", "export", "migrate"])
def test_a_command_older_than_the_database_says_so_and_never_to_migrate(
    command: Oncall, sqlite_settings: Settings, arguments: str
) -> None:
    with closing(sqlite3.connect(sqlite_settings.sqlite_file)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.execute("UPDATE schema_support SET oldest_revision = '9998'")

    refused = command(arguments)

    assert refused.code == 1
    assert "The database is at 9999, of a newer version of oncall" in refused.out + refused.err
    assert "oncall migrate" not in refused.out + refused.err


def test_migrate_says_at_what_a_newer_version_has_left_the_database(command: Oncall, sqlite_settings: Settings) -> None:
    with closing(sqlite3.connect(sqlite_settings.sqlite_file)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")

    assert command("migrate").out.startswith("The database is at 9999, of a newer version of oncall")


def test_migrate_makes_the_database_that_other_commands_need(
    command: Oncall, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ONCALL_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")

    assert command("migrate").out.startswith("The database is at ")
    assert command("user", "list").out == "There is nobody yet: see “oncall user add”.\n"


def test_applying_a_file_says_what_it_changed_and_again_nothing(command: Oncall, tmp_path: Path) -> None:
    file = tmp_path / "oncall.yaml"
    file.write_text(COMPANY)

    planned = command("apply", str(file), "--plan")
    applied = command("apply", str(file))

    assert "+ user alice" in planned.out
    assert "planned; nothing was done.\n" in planned.out
    assert applied.out == planned.out.replace("planned; nothing was done.", "made.")
    assert command("apply", str(file)).out == "Nothing to change: all of it is so already.\n"


def test_a_file_with_problems_is_told_all_of_them(oncall: Oncall) -> None:
    printed = oncall("apply", "-", typed="users: [{handle: dave}]\nteams: [{name: new, members: [zoe]}]")

    assert printed.code == 1
    assert printed.err.splitlines()[1:] == [
        "  users[0].name (dave): is missing",
        "  teams[0].members[0] (new): there is no user zoe",
    ]


def test_a_file_that_can_t_be_read_is_said_to(command: Oncall, tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(b"\xff\xfe")

    assert "Can't read none.yaml" in command("apply", "none.yaml").err
    assert "not text in UTF-8" in command("apply", "picture").err


def test_what_is_exported_applies_again(oncall: Oncall) -> None:
    exported = oncall("export").out

    assert oncall("apply", "-", "--json", typed=exported).json() == {"applied": True, "changes": [], "warnings": []}


def test_who_is_on_call_is_a_table_with_the_zone_named(oncall: Oncall) -> None:
    assert oncall("who", "--at", AT).out.splitlines() == [
        "SCHEDULE  LEVEL  WHO                  UNTIL",
        "dev       L1     Bob Baker (bob)      Wed 2026-01-07 10:00 UTC",
        "dev       L2     Carol Cohen (carol)  Wed 2026-01-07 10:00 UTC",
        "quiet     L1     nobody               -",
    ]


def test_who_is_on_call_is_the_same_in_json_as_over_http(oncall: Oncall) -> None:
    l1, *_ = oncall("who", "dev", "--at", AT, "--json").json()

    assert l1 == {
        "schedule": "dev",
        "level": "L1",
        "user": {"handle": "bob", "name": "Bob Baker"},
        "start": "2026-01-06T10:00:00Z",
        "end": "2026-01-07T10:00:00Z",
        "source": "rotation",
    }


def test_an_unknown_schedule_is_told_the_known_ones(oncall: Oncall) -> None:
    assert oncall("who", "ops").err == "There is no schedule ops. Known are: dev, quiet.\n"


def test_shifts_are_listed_for_a_window(oncall: Oncall) -> None:
    window = ("--from", AT, "--until", "2026-01-07T12:00Z")
    found = oncall("shifts", "dev", *window, "--json").json()

    assert [(shift["level"], shift["user"]) for shift in found] == [
        ("L1", "bob"),
        ("L2", "carol"),
        ("L1", "carol"),
        ("L2", "alice"),
    ]
    assert len(oncall("shifts", "dev", *window).out.splitlines()) == 5
    assert "ends before it begins" in oncall("shifts", "--from", AT, "--until", AT).err


def test_an_alert_is_sent_listed_acknowledged_and_resolved(oncall: Oncall) -> None:
    sent = oncall("alert", "send", "web", "Disk full", "--severity", "critical", "--json").json()
    number = str(sent["id"])

    assert (sent["status"], sent["severity"], sent["service"]) == ("triggered", "critical", "web")
    assert "Disk full" in oncall("alert", "list").out
    reassigned = oncall("alert", "reassign", number, "user:bob", "--as", "bob")
    assert reassigned.out == f"Alert #{number} on web is triggered: Disk full\n"
    acknowledged = oncall("alert", "ack", number, "--as", "bob", "--json").json()
    assert (acknowledged["status"], acknowledged["acknowledged_by"]) == ("acknowledged", "Bob Baker")
    assert oncall("alert", "list", "--status", "triggered").out == "No such alerts.\n"
    assert oncall("alert", "resolve", number, "--as", "bob").out == f"Alert #{number} on web is resolved: Disk full\n"
    assert oncall("alert", "list", "--json").json() == []


def test_a_change_is_told_and_listed(oncall: Oncall) -> None:
    about = ("--by", "bob", "--link", "https://ci.example.org/4711", "--source", "ci")
    assert oncall("change", "send", "web", "deploy web #4711", *about).out == "Told: deploy web #4711 by bob, on web\n"
    (listed,) = oncall("change", "list", "--service", "web", "--json").json()
    assert (listed["summary"], listed["by"], listed["sender"]) == ("deploy web #4711", "bob", "the command line")
    assert listed["links"] == [{"href": "https://ci.example.org/4711", "text": "Open the change"}]
    early = oncall("change", "send", "web", "flag on", "--at", "2026-01-05T10:00:00Z", "--json").json()
    assert early["at"] == "2026-01-05T10:00:00Z"
    assert "deploy web #4711" in oncall("change", "list").out
    assert oncall("change", "list", "--service", "nothing").out == "No such changes.\n"


def test_a_change_that_can_t_be_kept_is_refused_with_what_to_do(oncall: Oncall) -> None:
    assert "“summary” must have 1 to 1024 characters" in oncall("change", "send", "web", " ").err
    assert "“link” must begin with http" in oncall("change", "send", "web", "x", "--link", "ftp://a").err
    assert "is not a time" in oncall("change", "send", "web", "x", "--at", "tomorrow").err
    assert "There is no service shop" in oncall("change", "send", "shop", "x").err
    assert oncall("change", "list").out == "No such changes.\n"


def test_an_acknowledgement_needs_a_person_who_may(oncall: Oncall) -> None:
    oncall("alert", "send", "web", "Disk full")

    assert oncall("alert", "ack", "1").code == 2
    assert "nobody with the handle zoe" in oncall("alert", "ack", "1", "--as", "zoe").err
    assert "does not allow you" in oncall("alert", "ack", "1", "--as", "victor").err
    assert "does not allow you" in oncall("alert", "reassign", "1", "user:bob", "--as", "victor").err
    assert oncall("alert", "ack", "9", "--as", "bob").err == "There is no alert #9.\n"


def test_somebody_is_added_and_given_a_password_and_a_token(oncall: Oncall) -> None:
    added = oncall("user", "add", "dave", "Dave Dunn", "--tag", "developer", "--json").json()
    assert (added["handle"], added["role"], added["tags"]) == ("dave", "user", ["developer"])
    assert "password_hash" not in added

    assert oncall("user", "password", "dave", typed="correct horse battery\n").code == 0
    assert oncall("user", "password", "dave", typed="short\n").err == "A password has 10 to 200 characters.\n"
    assert oncall("token", "create", "dave", "ci").out.startswith("oncall_")
    assert [user["handle"] for user in oncall("user", "list", "--json").json()][:2] == ["alice", "bob"]
    assert "already" in oncall("user", "add", "dave", "Dave Dunn").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["me", "Me"], "it means whoever asks"),
        (["da/ve", "Dave"], "can't be a handle"),
        (["dave", "Dave\nDunn"], "can't be a name"),
        (["dave", "Dave", "--email", "nowhere"], "is not an email address"),
        (["dave", "Dave", "--tag", "a/b"], "can't be a name"),
        (["dave", "Dave", "--timezone", "America/New_Yrok"], "is not a time zone: perhaps America/New_York."),
    ],
)
def test_who_is_added_is_checked_by_the_rules_of_the_config_file(
    command: Oncall, arguments: list[str], said: str
) -> None:
    printed = command("user", "add", *arguments)

    assert printed.code == 1
    assert said in printed.err
    assert command("user", "list", "--json").json() == []


def test_who_has_retired_is_brought_back_by_command_and_not_by_a_file(oncall: Oncall, retire_victor: None) -> None:
    assert "“oncall user restore victor”" in oncall("apply", "-", typed=COMPANY).err
    assert "There is nobody" in oncall("user", "restore", "zoe").err

    assert oncall("user", "restore", "victor").out.startswith("Victor Visitor is back.")
    assert oncall("user", "restore", "victor").err == "Victor Visitor has not retired.\n"
    assert oncall("apply", "-", typed=COMPANY).code == 0


@pytest.fixture
def retire_victor(oncall: Oncall) -> None:
    assert oncall("user", "retire", "victor").out.startswith("Victor Visitor has retired.")


def test_a_key_is_printed_as_the_address_to_paste(oncall: Oncall) -> None:
    made = oncall("key", "create", "web", "more", "--tool", "generic", "--json").json()

    assert made["url"] == f"http://127.0.0.1:8000/ingest/generic/{made['key']}"
    url, routing_key = oncall("key", "create", "web", "events", "--tool", "pagerduty").out.splitlines()
    assert url == "http://127.0.0.1:8000/v2/enqueue"
    assert len(routing_key.removeprefix("routing_key: ")) == 32
    assert "no tool we know. Known are: alertmanager," in oncall("key", "create", "web", "x", "--tool", "fax").err


def test_options_of_a_key_are_set_and_changed_and_secrets_never_printed(oncall: Oncall) -> None:
    made = oncall(
        "key", "create", "web", "runs", "--tool", "github", "--option", "secret=s3cret", "--option", "branches=*"
    )
    assert (made.code, "s3cret" in made.out) == (0, False)

    assert oncall("key", "set", "web", "runs").out.splitlines() == ["branches=*", "secret is set"]
    changed = oncall("key", "set", "web", "runs", "--option", "branches=", "--json").json()
    assert changed == {"options": {}, "secrets": ["secret"]}
    assert "has no option “colour”" in oncall("key", "set", "web", "runs", "--option", "colour=red").err
    assert "Write an option as NAME=VALUE" in oncall("key", "set", "web", "runs", "--option", "colour").err


OFFICE = """
schedules:
  - name: office
    timezone: UTC
    levels: [L1]
    rotations: [{name: all, members: [alice], start: 2026-01-05T09:00, shift: 1 week, hours: Mon-Fri 09:00-17:00}]
"""


def test_a_schedule_with_gaps_is_applied_and_they_are_told(oncall: Oncall) -> None:
    planned, applied = (oncall("apply", "-", *flag, typed=OFFICE) for flag in (["--plan"], []))

    for printed in (planned, applied):
        assert printed.code == 0
        _, told = printed.out.split("To mend in the schedules that change:\n")
        assert "  Schedule office: Nobody is on L1 " in told
    told = oncall("apply", "-", "--json", typed=f"{OFFICE}    rest: 1h\n").json()["warnings"]
    assert any(each.startswith("Schedule office: Nobody is on L1 ") for each in told)
