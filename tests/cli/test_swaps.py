"""`oncall swap`."""

from tests.cli.conftest import Oncall

DAVE = """
users:
  - handle: dave
    name: Dave Dunn
    contact_methods: [{name: mobile, kind: sms, address: "+12025550104", verified: true}]
teams: [{name: dev, members: [bob, carol, dave]}]
"""


def shift_ahead(oncall: Oncall) -> tuple[str, str, str, str]:
    """Bob's next one on L1 that has not begun."""
    ahead = oncall("shifts", "dev", "--json").json()
    found = next(row for row in ahead[3:] if (row["level"], row["user"]) == ("L1", "bob"))
    return "dev", "L1", found["start"], found["end"]


def test_a_swap_is_offered_listed_and_accepted(oncall: Oncall) -> None:
    assert oncall("apply", "-", typed=DAVE).code == 0
    shift = shift_ahead(oncall)

    offered = oncall("swap", "offer", "give", *shift, "--as", "bob", "--to", "dave", "--note", "plane")
    assert offered.out.startswith("Swap 1 of Bob Baker is offered, asked: dave. dev L1 "), offered.err
    assert oncall("swap", "list", "dave", "--json").json()[0]["asked"] == ["dave"]
    assert "bob → ?" in oncall("swap", "list").out

    assert "is accepted" in oncall("swap", "accept", "1", "--as", "dave").out
    assert oncall("swap", "list").out == "No such swaps.\n"
    assert oncall("swap", "list", "--all", "--json").json()[0]["decided_for"] == "dave"


def test_a_swap_is_declined_and_withdrawn(oncall: Oncall) -> None:
    assert oncall("apply", "-", typed=DAVE).code == 0
    shift = shift_ahead(oncall)
    wanted = ("give", *shift, "--as", "alice", "--for", "bob", "--to", "dave")
    for note in ("please", "once more"):
        assert oncall("swap", "offer", *wanted, "--note", note).code == 0

    assert oncall("swap", "decline", "1", "--as", "dave", "--json").json()["state"] == "declined"
    assert "Only Bob Baker can withdraw" in oncall("swap", "withdraw", "2", "--as", "dave").err
    assert "is withdrawn" in oncall("swap", "withdraw", "2", "--as", "alice", "--for", "bob").out


def test_what_can_t_be_is_a_sentence(oncall: Oncall) -> None:
    shift = shift_ahead(oncall)

    assert "is not a shift of Carol Cohen" in oncall("swap", "offer", "give", *shift, "--as", "carol").err
    assert "nobody with the handle zoe" in oncall("swap", "accept", "1", "--as", "zoe").err
    assert "There is no swap 1" in oncall("swap", "accept", "1", "--as", "bob").err
    assert "does not allow" in oncall("swap", "accept", "1", "--as", "victor").err
    mine = " ".join(("dev", "L2", *shift[2:]))
    assert "Only a trade" in oncall("swap", "offer", "give", *shift, "--as", "bob", "--in-return", mine).err
    said = oncall("swap", "offer", "give", *shift, "--as", "bob", "--also", "dev L1 tomorrow").err
    assert said == "--also “dev L1 tomorrow”: write a schedule, a level, from when and until when, in one.\n"
    assert "no swap 1" in oncall("swap", "show", "1").err


def now_on(oncall: Oncall) -> dict[str, str]:
    return {row["level"]: row["user"]["handle"] for row in oncall("who", "dev", "--json").json()}


def test_of_several_reasons_each_is_said_once(oncall: Oncall) -> None:
    assert oncall("apply", "-", typed="users: [{handle: erin, name: Erin Ek}]").code == 0
    said = oncall("swap", "offer", "give", *shift_ahead(oncall), "--as", "bob", "--to", "erin").err
    assert (said.count("Erin Ek can't be paged"), said.count("Erin Ek is neither in a rotation")) == (1, 1)


def test_several_shifts_are_one_swap_whose_story_is_shown(oncall: Oncall) -> None:
    assert oncall("apply", "-", typed=DAVE).code == 0
    ahead = oncall("shifts", "dev", "--json").json()[3:]
    first, second = [row for row in ahead if (row["level"], row["user"]) == ("L1", "bob")][:2]
    pieces = [("dev", "L1", row["start"], row["end"]) for row in (first, second)]

    oncall("swap", "offer", "give", *pieces[0], "--also", " ".join(pieces[1]), "--as", "bob", "--to", "dave")
    done = oncall("swap", "accept", "1", "--as", "dave", "--json").json()

    assert [each.split()[-3:] for each in done["pieces"]] == [["bob", "→", "dave"]] * 2
    shown = oncall("swap", "show", "1")
    assert shown.out.startswith("Swap 1 of Bob Baker is accepted. dev L1 ")
    assert "Dave Dunn accepts" in shown.out
    events = oncall("swap", "show", "1", "--json").json()["events"]
    assert [event["by"] for event in events if event["by"]] == ["Bob Baker", "Dave Dunn"]


def test_a_level_is_taken_over_now(oncall: Oncall) -> None:
    assert oncall("apply", "-", typed=DAVE).code == 0
    relieved = now_on(oncall)["L1"]

    assert "is accepted" in oncall("swap", "take-over", "dev", "L1", "--from", relieved, "--as", "dave").out

    assert now_on(oncall)["L1"] == "dave"
    assert "look again" in oncall("swap", "take-over", "dev", "L1", "--from", relieved, "--as", relieved).err


def test_out_of_reach_and_back_again(oncall: Oncall) -> None:
    assert oncall("apply", "-", typed=DAVE).code == 0
    mine = now_on(oncall)["L1"]

    left = oncall("swap", "out-of-reach", "dev", "--as", mine, "--level", "L1", "--to", "dave", "--minutes", "5")
    assert "is running" in left.out
    assert now_on(oncall)["L1"] == "dave"

    assert "is ended" in oncall("swap", "withdraw", "1", "--as", mine).out
    assert now_on(oncall)["L1"] == mine


def test_whoever_retires_while_out_of_reach_is_covered_as_agreed(oncall: Oncall) -> None:
    assert oncall("apply", "-", typed=DAVE).code == 0
    mine = now_on(oncall)["L1"]
    oncall("swap", "out-of-reach", "dev", "--as", mine, "--level", "L1", "--to", "dave", "--minutes", "5")

    assert oncall("user", "retire", mine, "--confirm").code == 0
    assert now_on(oncall)["L1"] == "dave"
    assert "is running" in oncall("swap", "show", "1").out


def test_whoever_retires_while_they_cover_gives_it_back(oncall: Oncall) -> None:
    assert oncall("apply", "-", typed=DAVE).code == 0
    mine = now_on(oncall)["L1"]
    oncall("swap", "out-of-reach", "dev", "--as", mine, "--level", "L1", "--to", "dave", "--minutes", "5")

    assert oncall("user", "retire", "dave", "--confirm").code == 0
    assert now_on(oncall)["L1"] == mine
    assert "is refused" in oncall("swap", "show", "1").out
