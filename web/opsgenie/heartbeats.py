"""Opsgenie's Heartbeat API (https://docs.opsgenie.com/docs/heartbeat-api)."""

from fastapi import APIRouter
from starlette.responses import Response

from oncall.opsgenie import heartbeats
from oncall.opsgenie.fields import Fields
from web.opsgenie.exchange import ERRORS, Opsgenie, OpsgenieRoute, envelope

router = APIRouter(prefix="/v2/heartbeats", route_class=OpsgenieRoute, responses=ERRORS)


@router.get("", summary="The heartbeats of the key's service")
def list_heartbeats(exchange: Opsgenie) -> Response:
    with exchange.reading() as asker:
        found = heartbeats.list_all(asker.session, asker.key)
        data = [heartbeats.view(asker.session, each, asker.now) for each in found]
    return envelope(exchange.request, {"data": {"heartbeats": data}})


@router.post("", status_code=201, summary="Add a heartbeat to the key's service")
def create(exchange: Opsgenie) -> Response:
    with exchange.writing() as asker:
        created = heartbeats.create(asker.session, asker.key, Fields.of(exchange.body))
        data = heartbeats.view(asker.session, created, asker.now)
    return envelope(exchange.request, {"result": "Created", "data": data}, 201)


def ping(name: str, exchange: Opsgenie) -> Response:
    with exchange.writing() as asker:
        heartbeats.ping(asker.session, asker.key, name, asker.now)
    return envelope(exchange.request, {"result": "PONG - Heartbeat received"}, 202)


def enable(name: str, exchange: Opsgenie) -> Response:
    return _switched(name, exchange, enabled=True)


def disable(name: str, exchange: Opsgenie) -> Response:
    return _switched(name, exchange, enabled=False)


def _switched(name: str, exchange: Opsgenie, *, enabled: bool) -> Response:
    with exchange.writing() as asker:
        heartbeat = heartbeats.enable(asker.session, asker.key, name, enabled, asker.now)
        data = heartbeats.short_view(heartbeat, asker.now)
    return envelope(exchange.request, {"result": "Enabled" if enabled else "Disabled", "data": data})


for method in ("GET", "POST", "PUT", "PATCH"):  # one by one, or their operation ids would be the same
    router.add_api_route("/{name}/ping", ping, methods=[method], status_code=202, summary="I am alive")
for method in ("POST", "PUT", "PATCH"):
    router.add_api_route("/{name}/enable", enable, methods=[method], summary="Expect its pings")
    router.add_api_route("/{name}/disable", disable, methods=[method], summary="Expect none")


@router.get("/{name}", summary="One heartbeat")
def get_heartbeat(name: str, exchange: Opsgenie) -> Response:
    with exchange.reading() as asker:
        data = heartbeats.view(asker.session, heartbeats.find(asker.session, asker.key, name), asker.now)
    return envelope(exchange.request, {"data": data})


@router.patch("/{name}", summary="Change a heartbeat: only what is given")
def update(name: str, exchange: Opsgenie) -> Response:
    with exchange.writing() as asker:
        heartbeat = heartbeats.update(asker.session, asker.key, name, Fields.of(exchange.body), asker.now)
        data = heartbeats.view(asker.session, heartbeat, asker.now)
    return envelope(exchange.request, {"result": "Updated", "data": data})


@router.delete("/{name}", summary="Delete a heartbeat; its alert is resolved")
def delete(name: str, exchange: Opsgenie) -> Response:
    with exchange.writing() as asker:
        heartbeats.delete(asker.session, asker.key, name, asker.now)
    return envelope(exchange.request, {"result": "Deleted"})
