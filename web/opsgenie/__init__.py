"""Opsgenie's REST API, for senders and scripts that only change its address: alerts and heartbeats."""

from fastapi import APIRouter

from web.opsgenie import alerts, heartbeats, links
from web.opsgenie.alerts import answer
from web.opsgenie.exchange import TOOL, envelope, told_its_way

__all__ = ["TOOL", "answer", "envelope", "router", "told_its_way"]

router = APIRouter(tags=["opsgenie"])
router.include_router(alerts.router)
router.include_router(heartbeats.router)
router.include_router(links.router)
