"""Opsgenie's REST API, for senders and scripts that only change its address: alerts and heartbeats."""

from fastapi import APIRouter

from web.opsgenie import alerts, heartbeats
from web.opsgenie.alerts import answer

__all__ = ["answer", "router"]

router = APIRouter(tags=["opsgenie"])
router.include_router(alerts.router)
router.include_router(heartbeats.router)
