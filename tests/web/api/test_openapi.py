"""Whatever is sent: the answer is one that our OpenAPI document has, in status, content type and form.

Schemathesis makes requests of every operation of the document; names and numbers in addresses are mostly ones that are
there. Half of them break the document's own rules, and must be refused. A few of each, the same in every test run;
hundreds in `make fuzz`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.client import TestClient
from tests.conftest import FUZZ
from tests.web.api.conftest import Caller, caller_of

IS_LONG = settings.get_current_profile_name() == FUZZ
some = settings(
    max_examples=300 if IS_LONG else 3,
    derandomize=not IS_LONG,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a failure is told as it came: to make it small is for who looks into it
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXIST: dict[str, list[Any]] = {
    "key": ["the-key-of-scripts", "the-key-of-backup"],
    "tool": ["generic", "alertmanager"],
    "name": ["web", "dev", "nightly-backup", "quiet"],
    "team": ["dev"],
    "handle": ["bob", "carol", "victor"],
    "key_name": ["scripts"],
    "service": ["web"],
    "schedule": ["dev", "quiet"],
}
"""By parameter; of all others, which are numbers, the first."""
NEEDS_AN_ENGINE = "/health/ready"


def test_every_answer_is_as_the_document_says(client: TestClient, alice: Caller, figure: Callable[[str], None]) -> None:
    alice.send_alert(dedup_key="1")
    genie = alice.post("/services/web/integration-keys", {"name": "genie", "tool": "opsgenie"}).json()["key"]
    tried, wrong = 0, []
    for operation in operations(client):
        token = caller_of(client, "alice").token  # a new one: operations before may have taken the last away
        is_opsgenies = operation.path.startswith("/v2/")
        for case, fault in answers(client, operation, f"GenieKey {genie}" if is_opsgenies else f"Bearer {token}"):
            tried += 1
            wrong += [f"{case.operation.label}: {fault}"] if fault else []

    assert wrong == []
    assert tried > 400
    if IS_LONG:
        figure(f"OpenAPI: {tried:,} requests tried")


def operations(client: TestClient) -> Iterator[Any]:
    document = client.get("/api/v1/openapi.json").json()
    for operation in (each for path in document["paths"].values() for each in path.values()):
        operation.pop("security", None)  # that a token is missing is no fault to look for: every request gets one
    schema = schemathesis.openapi.from_dict(document)
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path != NEEDS_AN_ENGINE:
            yield operation


def answers(client: TestClient, operation: Any, authorization: str) -> list[tuple[Case, str]]:
    """Requests with what is wrong with the answer, if anything."""
    found = []

    @some
    @given(data=st.data())
    def attempt(data: st.DataObject) -> None:
        case = data.draw(st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))
        is_kept = is_wrong(case) and case.meta.is_negative_at(ParameterLocation.PATH)
        for name in () if is_kept else case.path_parameters or {}:
            if data.draw(st.integers(0, 3)):
                case.path_parameters[name] = data.draw(st.sampled_from(EXIST.get(name, [1])))
        request = case.as_transport_kwargs()
        request.pop("cookies", None)
        request["headers"] = {**(request.get("headers") or {}), "Authorization": authorization}
        if isinstance(request.get("data"), str | bytes):
            request["content"] = request.pop("data")
        found.append((case, fault_in(case, client.request(**request))))

    attempt()
    return found


def is_wrong(case: Case) -> bool:
    """Whether the document forbids it. Any text may stand in most addresses, whatever is made of them."""
    return case.meta is not None and bool(getattr(case.meta.phase.data, "mutations", ()))


def fault_in(case: Case, response: Any) -> str:
    checks = [*CHECKS, negative_data_rejection] if is_wrong(case) else CHECKS
    try:
        case.validate_response(response, checks=checks)
    except FailureGroup as failures:
        return "; ".join(str(each) for each in failures.exceptions)
    return ""
