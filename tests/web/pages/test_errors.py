"""What people see when something is wrong."""

import re
import zlib
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.models import User
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser
from web.cookies import unpacked
from web.edge import Caller, Page
from web.pages.drafts import DRAFT, SAID
from web.pages.page import carry_out

WEB = Path(__file__).parents[3] / "web"


def test_an_address_that_leads_nowhere_says_so_to_anybody(stranger: TestClient) -> None:
    response = stranger.get("/nowhere")

    assert response.status_code == 404
    assert "There is nothing at this address." in response.text
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/alerts/999", 404), ("/admin", 403), ("/styleguide/errors/500", 500)]
)
def test_whoever_is_signed_in_goes_on_by_the_menu(alice: Browser, stranger: TestClient, path: str, status: int) -> None:
    page = alice.open(path, status)

    assert 'title="Signed in as Alice Archer"' in page
    assert 'aria-label="More pages"' in page
    assert "/admin/audit" not in page  # as on every other page of hers
    assert 'aria-label="More pages"' not in stranger.get(path).text


@pytest.mark.parametrize("path", ["/teams", "/services", "/policies", "/people", "/schedules"])
def test_a_link_to_something_gone_leads_to_what_is_there(alice: Browser, path: str) -> None:
    page = alice.open(f"{path}/nothing", status=404)

    assert f'<a class="btn main" href="{path}">' in page


def test_a_database_that_is_away_gives_a_page_and_says_when_to_try_again(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE login_sessions RENAME TO gone")

    response = alice.client.get("/")

    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert "Try again" in response.text


@pytest.mark.parametrize("number", ["9" * 25, "9" * 5000, "0", "-1", str(2**31)])
def test_a_number_that_is_nothings_leads_nowhere(alice: Browser, number: str) -> None:
    csrf = alice.forms("/me")["/logout"]["csrf"]
    assert "There is nothing at this address." in alice.open(f"/alerts/{number}", 404)
    for action in ("me/rules/{}/delete", "me/tokens/{}/revoke", "me/contact-methods/{}/code", "me/calendar/{}/revoke"):
        assert alice.post(f"/{action.format(number)}", csrf=csrf).status_code == 404

    assert alice.open(f"/alerts?before={number}")


def test_a_form_that_somebody_else_was_quicker_with_says_to_reload(alice: Browser) -> None:
    """Two people with one handle at once: on SQLite only a handler that does not look first can bring that about."""

    def work(caller: Caller) -> None:
        caller.session.add_all(User(handle="dave", name="Dave", created_at=caller.now) for _ in range(2))

    def dave(edge: Page) -> Response:
        return carry_out(edge, Permission.ACT, "/me", work)

    alice.client.app.add_api_route("/twice", dave, methods=["POST"])  # type: ignore[attr-defined]

    page = alice.post("/twice", csrf=alice.forms("/me")["/logout"]["csrf"])

    assert page.url.path == "/me"
    assert "Somebody else has just changed the same. Nothing was changed; reload and try again." in page.text


def as_cookie(text: str) -> str:
    return urlsafe_b64encode(zlib.compress(text.encode())).decode()


@pytest.mark.parametrize("cookie", ["", "x", "é", "eJw", "%7B%7D", as_cookie("0" * 2_000_000)[:3900]])
def test_a_cookie_that_is_not_ours_says_nothing(cookie: str) -> None:
    assert unpacked(cookie) is None


def test_what_is_to_be_said_once_may_be_anything(alice: Browser) -> None:
    for said in ('{"text": "\\ud800"}', "[" * 2000, "{", "[]"):
        alice.client.cookies.set(SAID, as_cookie(said))
        assert "ud800" not in alice.open("/me")


def test_what_was_typed_may_be_anything(alice: Browser) -> None:
    pairs = '[["reason", "\\ud800"], ["start", 7], ["end"], [7, "x"], 7, {"a": "b"}]'
    for draft in (f'{{"add-absence": {pairs}}}', '{"add-absence": 7}', "[" * 2000, "[]"):
        alice.client.cookies.set(DRAFT, as_cookie(draft))
        assert "ud800" not in alice.open("/me")


def test_what_is_wrong_is_said_beside_its_field_and_nowhere_else(alice: Browser) -> None:
    page = alice.submit("/me", "/me/absences", start="2026-03-04T10:00", end="2026-03-04T09:00")

    field = re.search(r'<div class="field"><label>Until <input [^>]*name="end"[^>]*>.*?</div>', page)
    assert field is not None
    assert 'aria-invalid="true" aria-describedby="add-absence-end-wrong"' in field[0]
    assert '<p class="wrong" id="add-absence-end-wrong">' in field[0]
    assert "The absence ends before it starts." in field[0]
    assert page.count("The absence ends before it starts.") == page.count("aria-invalid") == 1


def test_a_form_may_call_a_field_by_another_name_than_the_error(bob: Browser) -> None:
    window = {"start": "2026-03-04T10:00", "end": "2026-03-04T12:00"}
    page = bob.submit("/schedules/dev", "/schedules/dev/overrides", level="L1", kind="replace", person="", **window)

    assert 'id="add-override-person-wrong"' in page


def test_what_is_wrong_with_no_field_of_the_form_is_said_at_the_top(bob: Browser) -> None:
    window = {"start": "2026-03-04T10:00", "end": "2026-03-04T12:00"}
    page = bob.submit("/schedules/dev", "/schedules/dev/temporary", **window)

    assert "Plan at least one shift" in page.partition('<div class="said flash refused" role="alert">')[2]
    assert "aria-invalid" not in page


def test_a_password_that_was_typed_is_never_kept(alice: Browser) -> None:
    page = alice.submit("/me/access", "/me/password", current="not my password", new="a password for later")

    assert "The current password is not right" in page.partition('name="current"')[2].partition("</div>")[0]
    assert "not my password" not in page
    assert "a password for later" not in page


def test_static_files_change_their_address_with_their_content(stranger: TestClient) -> None:
    page = stranger.get("/login").text

    for name in ("app.css", "app.js", "vendor/htmx.min.js", "favicon.svg"):
        assert f'"/static/{name}?v=' in page
        assert stranger.get(f"/static/{name}").status_code == 200


def test_every_icon_of_the_templates_is_in_the_sprite_and_no_other() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (WEB / "static/vendor/lucide.svg").read_text()))
    templates = "".join(file.read_text() for file in (WEB / "templates").rglob("*.html"))

    assert {name for name in drawn if f'"{name}"' not in templates} == set()
    assert set(re.findall(r'icon\("([^"]+)"', templates)) | set(re.findall(r'icon="([^"]+)"', templates)) <= drawn
