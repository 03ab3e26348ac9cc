"""Options of a key, edited beside what they make of the last messages."""

import json
from collections.abc import Callable

import pytest

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.models import IntegrationKey
from oncall.running.runtime import Runtime
from tests.client import TestClient
from tests.web.pages.browser import Browser, Forms, queries
from tests.web.pages.conftest import NOW

KEY = "generic-key-of-scripts"
PAGE = "/services/web/keys/scripts/options"
MESSAGE = {"job": {"name": "backup"}, "outcome": {"text": "Tape is full", "level": "warning"}, "token": "s3cret"}
EXPRESSIONS = {"option summary": "outcome.text", "option dedup_key": "job.name", "option severity": "outcome.level"}


@pytest.fixture(autouse=True)
def keys(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.add(IntegrationKey(service_id=1, name="scripts", tool="generic", key=KEY, created_at=NOW))
        signed = {"secret": "of-github", "branches": "main"}
        session.add(
            IntegrationKey(service_id=1, name="runs", tool="github", key="runs", options=signed, created_at=NOW)
        )


@pytest.fixture
def send(stranger: TestClient) -> Callable[[], None]:
    def post() -> None:
        stranger.post(f"/ingest/generic/{KEY}", json=MESSAGE)

    return post


def kept(runtime: Runtime, number: int = 1) -> dict[str, str]:
    with runtime.database.read() as session:
        return session.get_one(IntegrationKey, number).options


def test_before_anything_has_come_samples_show_what_the_options_do(bob: Browser) -> None:
    page = bob.open(PAGE)
    assert "Nothing has come yet" in page
    assert "Disk full on db1" in page
    assert PAGE in bob.open("/services/web/keys/scripts")


def test_expressions_are_tried_on_what_came_and_then_kept(
    bob: Browser, runtime: Runtime, send: Callable[[], None]
) -> None:
    send()
    assert "summary&#39; is missing" in bob.open(PAGE)

    shown = bob.submit(PAGE, PAGE, do="preview", **EXPRESSIONS)
    assert '<dd class="mono">backup</dd>' in shown
    assert "<dd>warning</dd>" in shown
    assert "s3cret" not in shown
    assert 'value="outcome.text"' in shown
    assert kept(runtime) == {}

    assert "The options are kept" in bob.submit(PAGE, PAGE, do="keep", **EXPRESSIONS)
    assert kept(runtime)["summary"] == "outcome.text"
    assert "Tape is full" in bob.open(PAGE)


def test_while_somebody_types_only_the_preview_comes_back(bob: Browser, send: Callable[[], None]) -> None:
    send()
    typed = bob.forms(PAGE)[PAGE] | EXPRESSIONS

    part = bob.client.post(PAGE, data=typed, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<section")
    assert "Tape is full" in part

    part = bob.client.post(PAGE, data=typed | {"option summary": "outcome."}, headers={"HX-Request": "true"}).text
    assert "The option summary is no JMESPath" in part


def test_what_can_t_be_used_is_not_kept_and_not_lost(bob: Browser, runtime: Runtime) -> None:
    refused = bob.post(PAGE, **bob.forms(PAGE)[PAGE] | {"option summary": "outcome[", "do": "keep"})

    assert refused.status_code == 400
    assert "is no JMESPath" in refused.text
    assert 'value="outcome["' in refused.text
    assert "Nothing is saved yet." in refused.text
    assert 'id="wrong-summary"' in refused.text
    assert kept(runtime) == {}


def test_an_option_that_is_too_long_is_told_beside_its_field(bob: Browser) -> None:
    refused = bob.post(PAGE, **bob.forms(PAGE)[PAGE] | {"option source": "x" * 2001, "do": "keep"})

    assert refused.status_code == 400
    assert 'id="wrong-source"' in refused.text


def test_options_that_somebody_else_saved_are_not_overwritten_unawares(bob: Browser, runtime: Runtime) -> None:
    mine = bob.forms(PAGE)[PAGE]
    bob.submit(PAGE, PAGE, do="keep", **EXPRESSIONS)

    late = bob.post(PAGE, **mine | {"option source": "host", "do": "keep"})

    assert late.status_code == 409
    assert "Somebody else has saved these options" in late.text
    assert kept(runtime)["summary"] == "outcome.text"
    again = {**Forms(late.text).found[PAGE], "do": "keep"}
    assert "The options are kept" in bob.post(PAGE, **again).text
    assert kept(runtime) == {"source": "host"}


def test_those_of_a_teams_key_are_set_the_same_way(
    alice: Browser, bob: Browser, runtime: Runtime, stranger: TestClient
) -> None:
    team = {"name": "dev", "integration_keys": [{"name": "all", "tool": "generic", "service": "web", "key": "of-dev"}]}
    with runtime.database.transaction() as session:
        apply(session, load(json.dumps({"teams": [team]}), export(session)), NOW)
    page = "/teams/dev/keys/all/options"
    assert page in bob.open("/teams/dev/keys/all")

    assert "The options are kept" in bob.submit(page, page, do="keep", **EXPRESSIONS)

    assert stranger.post("/ingest/generic/of-dev", json=MESSAGE).status_code == 202
    assert "Tape is full" in bob.open("/alerts")
    alice.open(page, status=403)


def test_a_secret_is_never_shown_and_stays_when_it_is_left(bob: Browser, runtime: Runtime) -> None:
    page = "/services/web/keys/runs/options"
    assert "of-github" not in bob.open(page)

    bob.submit(page, page, do="keep", **{"option branches": "release/*"})
    assert kept(runtime, 2) == {"secret": "of-github", "branches": "release/*"}
    bob.submit(page, page, do="keep", **{"option secret": "", "option branches": ""})
    assert kept(runtime, 2) == {}


def test_it_is_for_those_who_run_the_service(alice: Browser, bob: Browser) -> None:
    alice.open(PAGE, status=403)
    assert bob.post(PAGE, **bob.forms(PAGE)[PAGE] | {"csrf": "", "do": "keep"}).status_code == 403


def test_as_many_questions_are_asked_whatever_has_come(
    bob: Browser, runtime: Runtime, send: Callable[[], None]
) -> None:
    send()
    runtime.journal.write()
    few = queries(runtime, lambda: bob.open(PAGE))
    for _ in range(12):
        send()
    runtime.journal.write()
    assert queries(runtime, lambda: bob.open(PAGE)) == few
