"""Pages hold no scripts and no styles: what somebody could smuggle into one does nothing."""

import re

from tests.client import TestClient
from web.templating import TEMPLATES


def test_the_policy_allows_only_what_is_served_as_a_file(stranger: TestClient) -> None:
    policy = stranger.get("/login").headers["content-security-policy"]

    assert "default-src 'self';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"script-src|style-src", policy)  # either would loosen the default


def test_no_template_has_a_style_or_a_script_of_its_own() -> None:
    inline = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)")

    assert [file.name for file in TEMPLATES.rglob("*.html") if inline.search(file.read_text())] == []
