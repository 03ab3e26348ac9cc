"""Routers that are found by the first word of an address."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from tests.client import TestClient
from web.first_word import ByFirstWord, first_word
from web.pages import pages


def answering(**paths: str) -> APIRouter:
    """A router that answers GET at each of these paths with its name."""
    router = APIRouter()
    for name, path in paths.items():
        router.add_api_route(path, lambda name=name: name)
    return router


@pytest.fixture
def client() -> TestClient:
    including = APIRouter()
    including.include_router(answering(home="/", alerts="/alerts", new="/swaps/new"))
    including.include_router(answering(swap="/swaps/{number}", late="/alerts"))
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.router.routes.append(ByFirstWord(including.routes))
    app.add_api_route("/alerts", lambda: "made", methods=["POST"])
    return TestClient(app)


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "home"), ("/alerts", "alerts"), ("/swaps/new", "new"), ("/swaps/12", "swap")],
)
def test_the_first_that_has_the_path_answers(client: TestClient, path: str, name: str) -> None:
    assert client.get(path).json() == name


@pytest.mark.parametrize("path", ["/nothing", "/alerts/12", "/swaps"])
def test_what_none_of_them_has_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_method_that_none_of_them_has_is_asked_of_others_and_then_refused(client: TestClient) -> None:
    assert client.post("/alerts").json() == "made"
    assert client.delete("/alerts").status_code == 405
    assert client.post("/swaps/new").status_code == 405


def test_pages_are_found_by_words_alone() -> None:
    found = pages(demo=True)
    routers = {id(each): each for below in found.below.values() for each in below}
    paths = {context.path for context in iter_route_contexts(list(routers.values()))}

    assert {first_word(path or "") for path in paths} == set(found.below)
    assert not any("{" in word for word in found.below)
