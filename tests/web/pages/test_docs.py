"""The REST API's documentation works without the internet, and under the same policy as every page."""

import re

from tests.client import TestClient


def test_all_that_it_needs_comes_from_here(stranger: TestClient) -> None:
    page = stranger.get("/docs")
    addresses = re.findall(r'(?:src|<link.* href|data-openapi)="([^"]+)"', page.text)

    assert {address.partition("?")[0].rpartition("/")[2] for address in addresses} == {
        "favicon.svg",
        "swagger-ui.css",
        "docs.css",
        "swagger-ui-bundle.js",
        "docs.js",
        "openapi.json",
    }
    assert [address for address in addresses if not address.startswith("/") or address.startswith("//")] == []
    assert [address for address in addresses if stranger.get(address).status_code != 200] == []


def test_its_scripts_are_files_since_the_policy_allows_no_others(stranger: TestClient) -> None:
    page = stranger.get("/docs")

    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert re.findall(r"<script[^>]*>(.+?)</script>", page.text) == []
