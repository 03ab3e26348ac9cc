"""Settings whose names nobody knows: a letter missing from a token's name must not leave what it guards open unnoticed.

Only those that look like one of ours are told of: Kubernetes adds names of its own (`ONCALL_SERVICE_HOST`) where a
service is called oncall, and an older version may be started with the settings of a newer one.
"""

import os
from collections.abc import Iterable
from difflib import get_close_matches

import structlog
from dotenv import dotenv_values

from oncall.settings import Settings

log = structlog.get_logger(__name__)

ALIKE = 0.8


def misspelt(names: Iterable[str] | None = None) -> list[str]:
    """A sentence for each. `names`: those of the environment and of `.env`, unless given."""
    prefix = str(Settings.model_config["env_prefix"])
    known = {f"{prefix}{field.upper()}" for field in Settings.model_fields}
    given = {name.upper() for name in (_given() if names is None else names)}
    found = []
    for name in sorted(given - known):
        if name.startswith(prefix) and (meant := get_close_matches(name, known, n=1, cutoff=ALIKE)):
            found.append(f"{name} is no setting: did you mean {meant[0]}?")
    return found


def _given() -> set[str]:
    return {*os.environ, *dotenv_values(str(Settings.model_config["env_file"]))}


def warn_of_misspelt() -> None:
    for sentence in misspelt():
        log.warning("setting.unknown", detail=sentence)
