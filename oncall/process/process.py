"""One process of the service: what every part of it works with."""

from dataclasses import dataclass

from oncall.clock import Clock
from oncall.db.database import Database
from oncall.delivery.sender import Sender
from oncall.process.wake import Wake
from oncall.settings import Settings


@dataclass(frozen=True, slots=True)
class Process:
    database: Database
    settings: Settings
    clock: Clock
    wake: Wake
    sender: Sender
