"""Getting from a page to every other one."""

import re

import pytest

from tests.web.pages.browser import Browser

FOR_ALL = ["/services", "/teams", "/policies", "/would-page", "/maintenance", "/heartbeats", "/changes", "/suppressed"]
FOR_ALL += ["/people", "/reports", "/burden"]
FOR_ADMINS = ["/admin", "/admin/audit", "/admin/settings", "/setup"]


def menu(page: str) -> list[str]:
    return re.findall(r'<a href="([^"]+)"', page.partition('<details class="menu more">')[2].partition("</details>")[0])


@pytest.mark.parametrize("path", ["/", "/alerts", "/schedules/dev", "/me", "/services/web"])
def test_the_menu_leads_everywhere_from_every_page(alice: Browser, bob: Browser, path: str) -> None:
    assert sorted(menu(alice.open(path))) == sorted(FOR_ALL)
    assert sorted(menu(bob.open(path))) == sorted(FOR_ALL + FOR_ADMINS)


def test_all_that_the_menu_leads_to_is_there_and_marks_itself(bob: Browser) -> None:
    for path in FOR_ALL + FOR_ADMINS:
        marked = re.findall(r'href="([^"]+)" aria-current="page"', bob.open(path).partition("<main")[0])
        assert set(marked) == {path}
