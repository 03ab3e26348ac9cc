"""The processes that are measured, and the bare endpoint that the ratio is taken to. Apart from `__main__`, which a
spawned process can't import.
"""

import time
import uuid
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from oncall.ingest.pagerduty import EventV2
from tests.fake_twilio import FakeTwilio

bare = FastAPI()


@bare.post("/v2/enqueue", status_code=202)
async def enqueue(event: EventV2) -> dict[str, str]:
    """The same model, nothing stored."""
    return {"status": "success", "message": "Event processed", "dedup_key": event.dedup_key or uuid.uuid4().hex}


class FiringAlert(BaseModel):
    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str]
    fingerprint: str


class Notification(BaseModel):
    """As much of Alertmanager's as is needed."""

    alerts: list[FiringAlert]


@bare.post("/ingest/alertmanager/{key}", status_code=202)
async def ingest(key: str, notification: Notification) -> dict[str, Any]:
    return {"status": "accepted", "key": key, "dedup_keys": [each.fingerprint for each in notification.alerts]}


def run_bare(port: int) -> None:
    uvicorn.run(bare, host="127.0.0.1", port=port, log_level="error", access_log=False)


def run_twilio(port: int, seconds: float = 0.0) -> None:
    """`seconds`: what each request takes."""
    with FakeTwilio(port=port) as twilio:
        twilio.hang(seconds)
        while True:
            time.sleep(1)
