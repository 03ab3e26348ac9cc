"""The page of everybody, and retiring somebody on it."""

from tests.web.pages.browser import Browser, Forms

RETIRE = "/people/alice/retire"


def test_everybody_sees_who_there_is_and_only_admins_a_button(alice: Browser, bob: Browser) -> None:
    assert "<b>Vera Viewer</b>" in alice.open("/people")
    assert "Retire" not in alice.open("/people")
    assert RETIRE in bob.forms("/people")
    assert "/people/bob/retire" not in bob.forms("/people")  # not themself


def test_whoever_retires_is_shown_apart(bob: Browser) -> None:
    assert "Vera Viewer has retired." in bob.submit("/people", "/people/vera/retire")

    assert "Vera Viewer. An operator brings somebody back" in bob.open("/people")


def test_retiring_that_books_somebody_twice_is_asked_about_first(alice: Browser, bob: Browser) -> None:
    question = bob.post(RETIRE, **bob.forms("/people")[RETIRE])

    assert question.status_code == 409
    assert "Bob Baker would be on dev L1 and dev L2 at once" in question.text
    assert "alice" in bob.open("/people")
    assert "Alice Archer has retired." in bob.post(RETIRE, **Forms(question.text).found[RETIRE]).text
    alice.post("/people/vera/retire")
    assert "<b>Vera Viewer</b>" in bob.open("/people")


def test_the_last_way_to_be_paged_is_asked_about_before_it_goes(alice: Browser) -> None:
    call, text = (f"/me/contact-methods/{number}/delete" for number in (2, 1))
    assert "call is removed" in alice.submit("/me/reached", call)

    question = alice.post(text, **alice.forms("/me/reached")[text])
    assert "Alice Archer has no verified contact method and could not be paged on dev L1" in question.text
    assert text in alice.forms("/me/reached")

    assert "mobile is removed" in alice.post(text, **Forms(question.text).found[text]).text
