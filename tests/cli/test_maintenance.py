"""`oncall maintenance`: windows in which alerts do not page."""

from tests.cli.conftest import Oncall


def test_it_is_begun_listed_extended_and_ended(oncall: Oncall) -> None:
    begun = oncall(
        "maintenance", "start", "web", "--for", "2h", "--reason", "db upgrade", "--name", "upgrade", "--json"
    )

    assert (begun.json()["service"], begun.json()["state"]) == ("web", "on")
    assert "db upgrade" in oncall("maintenance", "list").out
    assert oncall("maintenance", "extend", "upgrade", "--for", "5h").out.startswith(
        "Maintenance “upgrade” of web: from"
    )
    assert oncall("maintenance", "end", "upgrade", "--json").json()["state"] == "over"
    assert "is not on now" in oncall("maintenance", "end", "upgrade").err


def test_one_to_come_is_planned_and_called_off(oncall: Oncall) -> None:
    times = ("--from", "2099-08-03T09:00Z", "--until", "2099-08-03T10:00Z", "--timezone", "Europe/Paris")
    planned = oncall(
        "maintenance", "start", "--team", "dev", *times, "--repeats", "weekly", "--name", "moves", "--json"
    )

    assert (planned.json()["state"], planned.json()["repeats"]) == ("to_come", "FREQ=WEEKLY")
    assert oncall("maintenance", "call-off", "moves").out == "Maintenance “moves” is called off.\n"
    assert oncall("maintenance", "list").out == "No maintenance is planned.\n"


def test_what_can_t_be_read_gets_a_sentence(oncall: Oncall) -> None:
    assert "a service, or a team" in oncall("maintenance", "start", "--for", "2h").err
    assert "Say when it ends" in oncall("maintenance", "start", "web").err
    assert "is not a length of time" in oncall("maintenance", "start", "web", "--for", "soon").err
    assert "There is no maintenance window" in oncall("maintenance", "end", "none").err
