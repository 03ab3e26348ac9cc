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
    for _ in range(2):
        assert oncall("swap", "offer", "give", *shift, "--as", "alice", "--for", "bob", "--to", "dave").code == 0

    assert oncall("swap", "decline", "1", "--as", "dave", "--json").json()["state"] == "declined"
    assert "Only Bob Baker can withdraw" in oncall("swap", "withdraw", "2", "--as", "dave").err
    assert "is withdrawn" in oncall("swap", "withdraw", "2", "--as", "alice", "--for", "bob").out


def test_what_can_t_be_is_a_sentence(oncall: Oncall) -> None:
    shift = shift_ahead(oncall)

    assert "is not a shift of Carol Cohen" in oncall("swap", "offer", "give", *shift, "--as", "carol").err
    assert "nobody with the handle zoe" in oncall("swap", "accept", "1", "--as", "zoe").err
    assert "There is no swap 1" in oncall("swap", "accept", "1", "--as", "bob").err
    assert "does not allow" in oncall("swap", "accept", "1", "--as", "victor").err
    mine = ("dev", "L2", *shift[2:])
    assert "Only a trade" in oncall("swap", "offer", "give", *shift, "--as", "bob", "--in-return", *mine).err
