"""How many HTTP connections a process holds. What becomes of slow ones is tried in `web/test_slow_senders.py`."""

import pytest

from oncall.connections import OTHER_FILES, most_connections


@pytest.mark.parametrize(
    ("wanted", "files", "held"),
    [(4000, 20_000, 4000), (4000, 4000 + OTHER_FILES, 4000), (4000, 1024, 524), (4000, 256, 128)],
)
def test_files_are_left_for_the_database_and_the_providers(wanted: int, files: int, held: int) -> None:
    assert most_connections(wanted, files) == held
