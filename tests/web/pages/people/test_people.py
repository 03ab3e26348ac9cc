"""The page of everybody and of each: who is invited, whose role changes, and who retires."""

import re

import pytest
from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.models import ContactMethod
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser, Forms, person, queries
from tests.web.pages.conftest import NOW, Clock

ALICE, RETIRE = "/people/alice", "/people/alice/retire"
DORA = {"name": "Dora Diaz", "handle": "dora", "role": "user"}
NEW = "a password of her own"


def link_of(page: str) -> str:
    return re.search(r'value="http://testserver(/welcome/[^"]+)"', page)[1]  # type: ignore[index]


def test_everybody_sees_who_there_is_and_only_admins_the_forms(alice: Browser, bob: Browser) -> None:
    assert "<b>Vera Viewer</b>" in alice.open("/people")
    assert "can be paged" in alice.open("/people/vera")
    assert "/people/new" not in alice.forms("/people")
    assert RETIRE not in alice.forms(ALICE)
    assert RETIRE in bob.forms(ALICE)
    assert "/people/bob/retire" not in bob.forms("/people/bob")  # not themself


def test_somebody_is_found_by_a_part_of_their_name(alice: Browser) -> None:
    page = alice.open("/people?q=view")

    assert "Vera Viewer" in page
    assert "Alice Archer</b>" not in page
    assert "Nobody is found" in alice.open("/people?q=zoe")


def with_developers(runtime: Runtime, count: int) -> None:
    people = [{"handle": f"dev{number:03}", "name": f"Dev {number:03}"} for number in range(count)]
    team = {"name": "developers", "members": [each["handle"] for each in people]}
    with runtime.database.transaction() as session:
        apply(session, Config.model_validate({"users": people, "teams": [team]}), NOW)


def test_nobody_is_found_by_a_text_that_no_name_can_have(alice: Browser) -> None:
    assert "Nobody is found" in alice.open("/people?q=" + "b" * 60_000)


def test_many_people_are_folded_away_by_team_and_found_by_a_search(alice: Browser, runtime: Runtime) -> None:
    with_developers(runtime, 40)
    alice.open("/people")  # shifts ahead are kept from now on
    few = queries(runtime, lambda: alice.open("/people"))
    with_developers(runtime, 150)

    page = alice.open("/people")
    assert '<b>developers</b> <span class="small muted">150</span>' in page
    assert "<b>In no team</b>" in page
    assert "<summary><b>developers" not in alice.open("/people?q=dev+01")
    assert queries(runtime, lambda: alice.open("/people")) == few


def test_whoever_takes_turns_and_can_not_be_paged_comes_first(alice: Browser, runtime: Runtime) -> None:
    assert "No page can reach them" not in alice.open("/people")
    with runtime.database.transaction() as session:
        for method in session.exec(select(ContactMethod).where(ContactMethod.user_id == person(session, "bob").id)):
            method.disabled_at = NOW

    page = alice.open("/people")

    assert "No page can reach them" in page
    assert "Bob Baker" in page.partition("They take turns on a schedule")[0]
    assert "bob, admin, can’t be paged" in page


def test_whoever_is_invited_chooses_a_password_by_a_link_that_works_once(bob: Browser, stranger: TestClient) -> None:
    link = link_of(bob.submit("/people", "/people/new", **DORA))

    assert "Welcome, Dora Diaz" in stranger.get(link).text
    assert "10 to 200 characters" in stranger.post(link, data={"password": "short"}).text
    answer = stranger.post(link, data={"password": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert "Dora Diaz" in stranger.get("/me").text
    assert stranger.get(link).status_code == 410
    assert "/welcome/" not in bob.open("/people/dora")


def test_a_link_ends_with_time_and_is_no_other_persons(bob: Browser, stranger: TestClient, clock: Clock) -> None:
    link = link_of(bob.submit(ALICE, f"{ALICE}/invitation"))

    for spoilt in (link.replace("/1.", "/2."), link + "x", "/welcome/1", "/welcome/x.y.z", f"/welcome/{9**12}.1.x"):
        assert stranger.get(spoilt).status_code == 410
    clock.forward(days=8)
    assert stranger.get(link).status_code == 410


def test_a_used_link_does_not_work_again_for_whoever_retires_and_comes_back(
    bob: Browser, stranger: TestClient, clock: Clock
) -> None:
    """Without a password again, as when it was made."""
    used = link_of(bob.submit("/people", "/people/new", **DORA))
    stranger.post(used, data={"password": NEW})
    clock.forward(days=1)
    bob.submit("/people/dora", "/people/dora/retire")
    bob.submit("/people/dora", "/people/dora/restore")

    assert stranger.get(used).status_code == 410
    assert stranger.get(link_of(bob.submit("/people/dora", "/people/dora/invitation"))).status_code == 200


def test_a_link_is_not_for_another_site_to_send(bob: Browser, stranger: TestClient) -> None:
    link = link_of(bob.submit(ALICE, f"{ALICE}/invitation"))

    answer = stranger.post(link, data={"password": NEW}, headers={"origin": "https://evil.example.com"})

    assert answer.status_code == 403
    assert stranger.get(link).status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"handle": "alice"}, "has the handle alice already"),
        ({"role": "king"}, "no role “king”"),
        ({"name": ""}, "This must not be empty."),
    ],
)
def test_what_is_wrong_is_said_and_stays_in_the_form(bob: Browser, fields: dict[str, str], said: str) -> None:
    page = bob.submit("/people", "/people/new", **DORA | fields)

    assert said in page
    assert f'value="{(DORA | fields)["handle"]}"' in page


def test_a_role_is_changed_and_the_last_admin_stays_one(bob: Browser, runtime: Runtime) -> None:
    assert "is the only admin" in bob.submit("/people/bob", "/people/bob/role", role="user")
    assert "Alice Archer is an admin now" in bob.submit(ALICE, f"{ALICE}/role", role="admin")
    page = bob.submit("/people/bob", "/people/bob/role", role="viewer")
    assert "Bob Baker is a viewer now. They keep their turns on dev" in page
    with runtime.database.read() as session:
        assert (person(session, "alice").role, person(session, "bob").role) == ("admin", "viewer")


def test_whoever_retires_is_shown_apart_and_can_come_back(bob: Browser) -> None:
    assert "Vera Viewer has retired." in bob.submit("/people/vera", "/people/vera/retire")
    assert '<a href="/people/vera">Vera Viewer</a>' in bob.open("/people")

    back = bob.submit("/people/vera", "/people/vera/restore")
    assert "Vera Viewer is back" in back
    assert "Rotations that listed them do not have them any more" in back
    assert "<b>Vera Viewer</b>" in bob.open("/people")


def test_retiring_that_books_somebody_twice_is_asked_about_first(alice: Browser, bob: Browser) -> None:
    assert "rotations that list them lose them for good" in bob.open(ALICE)
    question = bob.post(RETIRE, **bob.forms(ALICE)[RETIRE])

    assert question.status_code == 409
    assert "Bob Baker would be on dev L1 and dev L2 at once" in question.text
    assert "Retire" in bob.open(ALICE)
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
