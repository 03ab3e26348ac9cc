"""One process of the service: what every part of it works with."""

from dataclasses import dataclass

from oncall.clock import Clock
from oncall.db import Database
from oncall.delivery.sender import Sender
from oncall.settings import Settings
from oncall.wake import Wake


@dataclass(frozen=True, slots=True)
class Process:
    database: Database
    settings: Settings
    clock: Clock
    wake: Wake
    sender: Sender
