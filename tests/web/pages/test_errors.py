"""What people see when something is wrong."""

import re
from pathlib import Path

from fastapi.testclient import TestClient

from oncall.runtime import Runtime
from tests.web.pages.browser import Browser

WEB = Path(__file__).parents[3] / "web"


def test_an_address_that_leads_nowhere_says_so_to_anybody(stranger: TestClient) -> None:
    response = stranger.get("/nowhere")

    assert response.status_code == 404
    assert "There is nothing at this address." in response.text
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


def test_a_database_that_is_away_gives_a_page_and_says_when_to_try_again(alice: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE login_sessions RENAME TO gone")

    response = alice.client.get("/")

    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert "Try again" in response.text


def test_static_files_change_their_address_with_their_content(stranger: TestClient) -> None:
    page = stranger.get("/login").text

    for name in ("app.css", "app.js", "vendor/htmx.min.js", "favicon.svg"):
        assert f'"/static/{name}?v=' in page
        assert stranger.get(f"/static/{name}").status_code == 200


def test_every_icon_of_the_templates_is_in_the_sprite_and_no_other() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (WEB / "static/vendor/lucide.svg").read_text()))
    templates = "".join(file.read_text() for file in (WEB / "templates").glob("*.html"))

    assert {name for name in drawn if f'"{name}"' not in templates} == set()
    assert set(re.findall(r'icon\("([^"]+)"', templates)) | set(re.findall(r'icon="([^"]+)"', templates)) <= drawn
