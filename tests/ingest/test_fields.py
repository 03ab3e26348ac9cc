"""Bodies are read by what they are: JSON, either kind of form, or nothing but a query."""

import pytest

from oncall.ingest.fields import named_alike, read_fields, text_in, text_of
from oncall.ingest.reading import BadEvent

MULTIPART = b'--x1\r\nContent-Disposition: form-data; name="host"\r\n\r\ndb1\r\n--x1--\r\n'


@pytest.mark.parametrize("body", [b'{"host": "db1"}', b"host=db1", MULTIPART, b"\n " + MULTIPART])
def test_the_same_fields_are_read_from_json_and_from_either_form(body: bytes) -> None:
    assert read_fields(body) == {"host": "db1"}


def test_letters_of_another_encoding_do_not_lose_the_page() -> None:
    assert read_fields(b"output=Platte+voll%3a+gr%f6%dfe&host=db1") == {
        "output": "Platte voll: gr\ufffd\ufffde",
        "host": "db1",
    }


@pytest.mark.parametrize(
    "body", [b"host=d%00b1", b"host=d\0b1", b'{"host": "d\\u0000b1"}', MULTIPART.replace(b"db", b"d\0b")]
)
def test_nul_characters_which_no_database_stores_are_taken_out(body: bytes) -> None:
    assert read_fields(body) == {"host": "db1"}


@pytest.mark.parametrize("body", [b"x", b"--x1\r\nrubbish", b"--", b'--"\r\n', b"&".join([b"a=1"] * 1001)])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(BadEvent):
        read_fields(body)


def test_names_are_alike_whatever_their_style() -> None:
    assert named_alike({"EVENT.ID": 1, "event_value": 2, "hostName": 3}) == {
        "eventid": 1,
        "eventvalue": 2,
        "hostname": 3,
    }


@pytest.mark.parametrize(
    "macro",
    ["$EVENT_TITLE", "$SERVICEDESC$", "{ALERT.NAME}", "{$ZABBIX.URL}", "*alertType*", "*UNKNOWN*", "$host.name$"],
)
def test_a_macro_that_nobody_filled_in_says_nothing(macro: str) -> None:
    assert text_in(macro) == ""
    assert text_of({"a": macro, "b": None, "c": True, "d": [], "e": 7}, "a", "b", "c", "d", "e") == "7"
