"""What calls and replies are made of."""

from xml.etree import ElementTree

import pytest

from notifiers.twilio_twiml import (
    KEYS,
    MENU,
    help_twiml,
    page_twiml,
    reply_twiml,
    say_twiml,
    twice_twiml,
    voicemail_twiml,
)

URL = "https://oncall.example.com/voice?d=1&k=2"


@pytest.mark.parametrize("xml", [page_twiml("Disk <full> & hot", URL), help_twiml(URL)])
def test_a_menu_is_offered_twice_and_takes_any_one_key(xml: str) -> None:
    *gathers, goodbye, hangup = ElementTree.fromstring(xml)
    assert [g.tag for g in gathers] == ["Gather", "Gather"]
    for gather in gathers:
        assert gather.attrib["action"] == URL
        assert gather.attrib["numDigits"] == "1"
        assert gather.attrib["input"] == "dtmf"
        assert gather.attrib["finishOnKey"] == ""
    assert "nothing was acknowledged" in (goodbye.text or "")
    assert hangup.tag == "Hangup"


def test_the_page_is_said_before_the_menu() -> None:
    say = ElementTree.fromstring(page_twiml("Disk <full> & hot.", URL)).find("Gather/Say")
    assert say is not None
    assert say.text == f"Disk <full> & hot. {MENU}"


def test_the_menu_names_every_key() -> None:
    for key in KEYS:
        assert ("star" if key == "*" else key) in MENU


@pytest.mark.parametrize("build", [say_twiml, twice_twiml, reply_twiml, lambda text: page_twiml(text, URL)])
def test_characters_that_xml_cannot_hold_are_left_out(build: object) -> None:
    xml = build("bell\x07 null\x00 half\ud83d\ufffe end")  # type: ignore[operator]
    assert "bell null half end" in "".join(ElementTree.fromstring(xml).itertext())


def test_voicemail_is_left_the_page_and_offered_no_key() -> None:
    say, hangup = ElementTree.fromstring(voicemail_twiml("Critical alert 12 on web."))
    assert (say.tag, hangup.tag) == ("Say", "Hangup")
    assert say.text == "Critical alert 12 on web. Nobody has acknowledged it by this message."


def test_a_reply_can_be_silence() -> None:
    assert list(ElementTree.fromstring(reply_twiml())) == []
    assert [m.text for m in ElementTree.fromstring(reply_twiml("Alert 12 acknowledged."))] == ["Alert 12 acknowledged."]
