import pytest

from tests.web.api.conftest import Caller


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/teams?nmae=dev", "nmae: is not known here"),
        ("/changes?servce=web&limit=5", "servce: is not known here; known are cursor, limit, service"),
        ("/changes?service=web&service=db", "service: stands here more than once"),
    ],
)
def test_a_parameter_that_would_be_left_out_is_refused(path: str, said: str, alice: Caller) -> None:
    answer = alice.get(path)
    assert (answer.status_code, answer.json()["errors"]) == (422, [said])


def test_what_is_a_list_may_be_given_several_times(alice: Caller) -> None:
    assert alice.items("/alerts?label=cluster=prod&label=job=web&status=all") == []
