"""A secret key that is not the one of before: told at the start, and by `oncall doctor`."""

from contextlib import closing
from datetime import timedelta

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from oncall.auth.secret_key import CHANGED, NOT_HERE, TOLD_FOR, lately_changed, unlike
from oncall.auth.signing import Signer
from oncall.db.database import Database
from oncall.process.shared_clock import clock_of
from oncall.running.runtime import build_runtime
from oncall.schema import migrate
from oncall.settings import Settings

KEPT, FIRST, SECOND = "", "the first key, which is long enough", "the second key, that is long enough"


def starting(settings: Settings, key: str) -> list[str]:
    """What a process that starts with the key says of it."""
    with capture_logs() as logs:
        build_runtime(with_key(settings, key), with_engine=False).database.close()
    return [line["detail"] for line in logs if line["event"] == "secret_key.changed"]


def with_key(settings: Settings, key: str) -> Settings:
    return settings.model_copy(update={"secret_key": SecretStr(key)})


@pytest.mark.parametrize(
    ("before", "after"), [(FIRST, SECOND), (KEPT, FIRST), (FIRST, KEPT)], ids=["another", "set", "not set any more"]
)
def test_a_start_with_another_key_says_so_once(before: str, after: str, settings: Settings) -> None:
    assert starting(settings, before) == []
    assert starting(settings, before) == []
    assert starting(settings, after) == [CHANGED]
    assert starting(settings, after) == []


def test_who_looks_is_told_of_another_key_and_for_a_week_of_a_change(settings: Settings) -> None:
    starting(settings, FIRST)
    with closing(Database(settings)) as database, database.read() as session:
        ours, theirs = (Signer.of(session, with_key(settings, key)) for key in (FIRST, SECOND))
        now = clock_of(database)()
        assert (unlike(session, ours), unlike(session, theirs)) == ("", NOT_HERE)
        assert lately_changed(session, now) == ""
    starting(settings, SECOND)
    with closing(Database(settings)) as database, database.read() as session:
        now = clock_of(database)()
        assert (unlike(session, ours), unlike(session, theirs)) == (NOT_HERE, "")
        assert "set ONCALL_SECRET_KEY to what it was" in lately_changed(session, now)
        assert lately_changed(session, now + TOLD_FOR + timedelta(minutes=1)) == ""


def test_what_is_known_of_the_key_stays_through_a_version_that_kept_it_elsewhere(settings: Settings) -> None:
    assert (starting(settings, FIRST), starting(settings, SECOND)) == ([], [CHANGED])
    migrate.downgrade(settings, "0025")
    migrate.upgrade(settings)
    with closing(Database(settings)) as database, database.read() as session:
        assert lately_changed(session, clock_of(database)())
    assert starting(settings, SECOND) == []
