"""`oncall temporary`: a window planned by hand."""

from tests.cli.conftest import Oncall

WINDOW = ("2099-08-03T09:00Z", "2099-08-04T09:00Z")
LATER = "2099-08-03T21:00Z"


def test_a_window_is_planned_listed_and_called_off(oncall: Oncall) -> None:
    shifts = ("--shift", f"L1 bob {WINDOW[0]} {LATER}", "--shift", f"L1 carol {LATER} {WINDOW[1]}", "--shift", "L2 bob")
    assert "Bob Baker would be on dev L1 and dev L2 at once" in oncall("temporary", "add", "dev", *WINDOW, *shifts).err
    added = oncall("temporary", "add", "dev", *WINDOW, *shifts, "--note", "launch", "--confirm", "--json").json()

    assert [(shift["level"], shift["user"]) for shift in added["shifts"]] == [
        ("L1", "bob"),
        ("L2", "bob"),
        ("L1", "carol"),
    ]
    assert oncall("temporary", "list", "--json").json() == [added]
    assert "launch" in oncall("temporary", "list", "dev").out
    ended = oncall("temporary", "end", "dev", str(added["id"]), "--confirm")
    assert ended.out == "Temporary schedule 1 is called off: the rotations apply again.\n", ended
    assert oncall("temporary", "list").out == "Nothing is planned by hand.\n"


def test_a_shift_that_can_t_be_read_gets_a_sentence(oncall: Oncall) -> None:
    for text in ("bob", "L1 bob tomorrow", ""):
        assert (
            f"“{text}” is not a shift: write “L1 bob”"
            in oncall("temporary", "add", "dev", *WINDOW, "--shift", text).err
        )
    assert "There is nobody with the handle zoe" in oncall("temporary", "add", "dev", *WINDOW, "--shift", "L1 zoe").err
    assert oncall("temporary", "list").out == "Nothing is planned by hand.\n"
