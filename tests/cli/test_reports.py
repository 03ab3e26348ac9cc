"""`oncall report`."""

from tests.cli.conftest import Oncall


def test_without_a_name_it_lists_them(oncall: Oncall) -> None:
    assert "alerts-by-day        Alerts by service and day" in oncall("report").out


def test_it_prints_what_the_page_shows(oncall: Oncall) -> None:
    assert oncall("alert", "send", "web", "Disk 95 % full").code == 0

    lines = oncall("report", "noisiest").out.splitlines()

    assert lines == [
        "RULE                 Alerts  Unacknowledged",
        "Disk # % full (web)  1       1",
        "",
        "1 rule opened 100 % of all alerts, the noisiest 1 alert.",
    ]


def test_rows_are_whole_as_json_and_csv(oncall: Oncall) -> None:
    oncall("alert", "send", "web", "Disk 95 % full")

    (row,) = oncall("report", "noisiest", "--json").json()
    header, line = oncall("report", "noisiest", "--csv").out.splitlines()

    assert list(row) == header.split(",")
    assert line.startswith("web,Disk # % full,1,1.00,")


def test_what_can_t_be_used_is_said(oncall: Oncall) -> None:
    assert "There is no report sleep. Known are: " in oncall("report", "sleep").err
    assert "is not a time zone" in oncall("report", "nights", "--timezone", "Mars").err
    assert "There is no team ops." in oncall("report", "nights", "--team", "ops").err
    assert oncall("report", "nights").out == "Nothing happened in this time.\n"
