"""Lines of IRC, read and written: nothing breaks out of one, nothing is longer than a server takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.irc_line import Line, cut, lowered, pieces, read_line, write_line


def test_a_line_with_everything() -> None:
    raw = b"@account=alice;time=12 :alice!al@host.example PRIVMSG #warroom :!ack 12 :-)\r\n"
    line = Line("PRIVMSG", ("#warroom", "!ack 12 :-)"), "alice!al@host.example", {"account": "alice", "time": "12"})
    assert read_line(raw) == line
    assert line.nick == "alice"


def test_a_line_with_nothing_but_a_command() -> None:
    assert read_line(b"PING\r\n") == Line("PING")
    assert Line("PING").last == ""


@pytest.mark.parametrize("raw", [b"\r\n", b":only-a-source\r\n", b"@tag\r\n", b"12\r\n", b"\0\r\n"])
def test_what_is_no_line_is_none(raw: bytes) -> None:
    assert read_line(raw) is None


def test_a_text_in_another_encoding_is_read_as_far_as_it_goes() -> None:
    line = read_line("PRIVMSG #warroom :Müll".encode("latin-1"))
    assert line is not None
    assert line.last == "M�ll"


def test_a_text_cannot_begin_another_line() -> None:
    assert write_line("PRIVMSG", "alice", "Disk full\r\nQUIT\0") == b"PRIVMSG alice :Disk full  QUIT \r\n"


@pytest.mark.parametrize("target", ["alice bob", ":alice", ""])
def test_a_target_that_would_change_the_line_is_a_mistake_of_ours(target: str) -> None:
    with pytest.raises(ValueError, match="only the last parameter"):
        write_line("PRIVMSG", target, "text")


@given(st.text())
def test_whatever_is_said_is_one_line_of_512_bytes_at_most_and_whole_characters(text: str) -> None:
    raw = write_line("PRIVMSG", "#warroom", text * 40)
    assert len(raw) <= 512
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r") == 1
    raw.decode()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(8, 60))
def test_pieces_lose_nothing_but_spaces(text: str, room: int) -> None:
    found = pieces(text, room, most=10_000)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(len(piece.encode()) <= room for piece in found)


def test_pieces_break_at_spaces_and_are_no_more_than_wanted() -> None:
    assert pieces("Disk full on db1 and db2", 12, most=2) == ["Disk full on", "db1 and db2"]
    assert pieces("Disk full on db1 and db2", 12, most=1) == ["Disk full on"]
    assert pieces("Donaudampfschiff", 10, most=3) == ["Donaudampf", "schiff"]


def test_a_cut_leaves_no_half_of_a_character() -> None:
    assert cut("ab€", 4) == "ab"
    assert cut("ab€", 5) == "ab€"


def test_only_letters_are_folded_since_servers_differ_in_brackets() -> None:
    assert lowered("Alice[Away]") == "alice[away]"
    assert lowered("ALİCE") == "alİce"
