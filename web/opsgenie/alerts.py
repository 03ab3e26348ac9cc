"""Opsgenie's Alert API (https://docs.opsgenie.com/docs/alert-api).

A new alert is committed with others by the writer before its 202. What is asked for one that exists is done before the
202, too; Opsgenie does it later, so that its senders ask by the request's id how it went, and get the same answer here.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from sqlmodel import col, select
from starlette.responses import Response

from oncall.errors import Conflict, MethodNotAllowed, NotFound
from oncall.ingest import opsgenie
from oncall.ingest.journal import DeedDone
from oncall.ingest.reading import Inbound
from oncall.ingest.store import Submission
from oncall.models import Alert
from oncall.opsgenie.deeds import BY_CODE, CREATE, DEEDS, Deed, alias_of, perform, read
from oncall.opsgenie.fields import BadFields, Fields
from oncall.opsgenie.found import find_alert
from oncall.opsgenie.receipt import Outcome, Receipt, read_request_id
from oncall.opsgenie.search import filter_of
from oncall.opsgenie.search_fields import SORTS
from oncall.opsgenie.views import alert_views, integration_of, log_views, note_views, recipient_views
from oncall.opsgenie.words import long_id, spelt
from oncall.running.runtime import Runtime
from web.addresses import address_of
from web.any_text import ANY_TEXT
from web.arrival import accept, arrival_of
from web.inbound import read_body
from web.opsgenie.exchange import (
    ERRORS,
    TOOL,
    Asker,
    Exchange,
    NotSupported,
    Opsgenie,
    OpsgenieRoute,
    accepted,
    envelope,
    key_in,
    seal_of,
    told_its_way,
)

ALERT = "/{identifier:" + ANY_TEXT + "}"
router = APIRouter(prefix="/v2/alerts", route_class=OpsgenieRoute, responses=ERRORS)

FARTHEST = 20_000
MOST_ALERTS = MOST_ENTRIES = 100
STATUS = {
    Outcome.NO_ALERT: "Alert does not exist",
    Outcome.NOT_POSSIBLE: "Alert is closed, or in a state in which this can't be done",
}
ORDERS = ("asc", "desc")


@router.post("", status_code=202, summary="Create an alert, or count up the open one with its alias")
async def create(request: Request) -> Response:
    runtime: Runtime = request.app.state.runtime
    arrival = arrival_of(request)
    arrival.key, arrival.tool = key_in(request), TOOL
    body, now = await read_body(request), runtime.clock()
    submission = Submission(arrival.key, TOOL, lambda options: opsgenie.parse(Inbound(body, options, at=now)))
    stored = await accept(request, submission)
    receipt = Receipt(CREATE.code, Outcome.DONE, stored.made[0].alert_id or 0, now)
    return accepted(request, receipt, seal_of(runtime, stored.service_id))


async def answer(request: Request) -> Response | None:
    """The answer, when the request is a new alert: in a storm it comes as often as any event."""
    if request.scope["path"] == router.prefix:
        return await told_its_way(request, create)
    return None


@router.get("/requests/{request_id}", summary="What became of a request")
def request_status(request_id: str, exchange: Opsgenie) -> Response:
    with exchange.reading() as asker:
        receipt = read_request_id(request_id, seal_of(exchange.runtime, asker.key.service_id))
        deed = BY_CODE.get(receipt.deed) if receipt else None
        if receipt is None or deed is None:
            raise NotFound("Request not found. It might not be processed, yet.")
        alias = alias_of(asker.session, asker.key, receipt.alert_id)
        integration = integration_of(asker.key)["id"]
    is_done = receipt.outcome is Outcome.DONE
    data = {
        "success": is_done,
        "action": deed.action,
        "processedAt": spelt(receipt.at),
        "integrationId": integration,
        "isSuccess": is_done,
        "status": deed.done if is_done else STATUS[receipt.outcome],
        "alertId": long_id(receipt.alert_id) if receipt.alert_id else "",
        "alias": alias or "",
    }
    return envelope(exchange.request, {"data": data})


@router.get("/count", summary="How many alerts a query finds")
def count(exchange: Opsgenie) -> Response:
    with exchange.reading() as asker:
        statement = select(sa.func.count()).select_from(Alert).where(_wanted(exchange, asker))
        return envelope(exchange.request, {"data": {"count": asker.session.exec(statement).one()}})


@router.get("", summary="The alerts that a query finds")
def list_alerts(exchange: Opsgenie) -> Response:
    fields = Fields(exchange.request.query_params)
    offset, limit = fields.whole("offset", 0, FARTHEST) or 0, fields.whole("limit", 1, MOST_ALERTS) or 20
    sort, order = fields.choice("sort", tuple(SORTS)) or "createdat", fields.choice("order", ORDERS)
    with exchange.reading() as asker:
        fields.check()
        which = _wanted(exchange, asker)
        by = [each.asc() if order == "asc" else each.desc() for each in (SORTS[sort], col(Alert.id))]
        found = asker.session.exec(select(Alert).where(which).order_by(*by).offset(offset).limit(limit)).all()
        total = asker.session.exec(select(sa.func.count()).select_from(Alert).where(which)).one()
        data = alert_views(asker.session, asker.key, found)
    return envelope(exchange.request, {"data": data, "paging": _paging(exchange, offset, limit, total)})


def _wanted(exchange: Opsgenie, asker: Asker) -> Any:
    """Of those that the key reaches. Saved searches live with a person of Opsgenie's, whom we don't have."""
    query = exchange.request.query_params
    if "searchIdentifier" in query:
        raise BadFields({"searchIdentifier": "means a saved search: give its query as `query`"})
    mine = col(Alert.service_id).in_(asker.key.reach) & col(Alert.deleted_at).is_(None)
    return mine & filter_of(query.get("query", ""))


def _paging(exchange: Exchange, offset: int, limit: int, total: int) -> dict[str, str]:
    last = max(0, (total - 1) // limit * limit)
    here = address_of(exchange.request)
    places = {"first": 0, "last": last} | ({"next": offset + limit} if offset + limit < total else {})
    return {name: str(here.include_query_params(offset=at, limit=limit)) for name, at in places.items()}


@router.get(ALERT + "/notes", summary="An alert's notes")
def notes(identifier: str, exchange: Opsgenie) -> Response:
    return _entries(identifier, exchange, note_views)


@router.get(ALERT + "/logs", summary="An alert's timeline")
def logs(identifier: str, exchange: Opsgenie) -> Response:
    return _entries(identifier, exchange, log_views)


def _entries(identifier: str, exchange: Opsgenie, views: Callable[..., list[dict[str, Any]]]) -> Response:
    fields = Fields(exchange.request.query_params)
    limit, after = fields.whole("limit", 1, MOST_ENTRIES) or MOST_ENTRIES, fields.whole("offset", 0, 2**31 - 1) or 0
    newest_first = fields.choice("order", ORDERS) != "asc"
    with exchange.reading() as asker:
        fields.check()
        data = views(asker.session, _alert(exchange, asker, identifier), after, limit, newest_first=newest_first)
    here = address_of(exchange.request)
    paging = {"first": str(here.remove_query_params("offset"))}
    if len(data) == limit:
        paging["next"] = str(here.include_query_params(offset=data[-1]["offset"]))
    return envelope(exchange.request, {"data": data, "paging": paging})


@router.get(ALERT + "/recipients", summary="Who was paged")
def recipients(identifier: str, exchange: Opsgenie) -> Response:
    with exchange.reading() as asker:
        data = recipient_views(asker.session, _alert(exchange, asker, identifier))
    return envelope(exchange.request, {"data": data})


UNSUPPORTED = (
    "/saved-searches",
    "/saved-searches/{rest:" + ANY_TEXT + "}",
    ALERT + "/attachments{rest:" + ANY_TEXT + "}",
)


def unsupported(exchange: Opsgenie) -> Response:
    with exchange.reading():
        raise NotSupported("Saved searches and attachments are not kept here.")


for path in UNSUPPORTED:
    methods = ["GET", "POST", "PATCH", "DELETE"]
    router.add_api_route(path, unsupported, methods=methods, include_in_schema=False)


@router.get(ALERT, summary="One alert")
def get_alert(identifier: str, exchange: Opsgenie) -> Response:
    check_address(identifier)
    with exchange.reading() as asker:
        alert = _alert(exchange, asker, identifier)
        (data,) = alert_views(asker.session, asker.key, [alert], whole=True)
    return envelope(exchange.request, {"data": data})


ALLOWED: defaultdict[str, set[str]] = defaultdict(set, {"notes": {"GET"}, "logs": {"GET"}, "recipients": {"GET"}})
"""Methods, by what follows the alert in the address."""
for method, rest in DEEDS:
    ALLOWED[rest.partition("/")[0]].add(method)


def check_address(path: str) -> None:
    """Raises MethodNotAllowed where something is asked in another way, such as `GET …/acknowledge`."""
    _, slash, last = path.rpartition("/")
    if slash and last and last in ALLOWED:  # an alias may end with a slash: “web1 disk /”
        raise MethodNotAllowed(ALLOWED[last])


def _alert(exchange: Opsgenie, asker: Asker, identifier: str) -> Alert:
    alert = find_alert(asker.session, asker.key, identifier, _kind(exchange.request))
    if alert is None:
        raise NotFound(f"Alert with {_kind(exchange.request)} [{identifier}] does not exist.")
    return alert


def _kind(request: Request) -> str:
    return request.query_params.get("identifierType", "id")


def _handler(deed: Deed, rest: str) -> Callable[..., Response]:
    def handle(identifier: str, exchange: Opsgenie) -> Response:
        if not rest:
            check_address(identifier)
        return _carry_out(deed, identifier, exchange)

    handle.__name__ = deed.action
    return handle


def _carry_out(deed: Deed, identifier: str, exchange: Opsgenie) -> Response:
    """An alert that does not exist, or is in the wrong state, is a 202 whose status says so, as at Opsgenie."""
    request = exchange.request
    with exchange.reading() as asker:
        seal, now = seal_of(exchange.runtime, asker.key.service_id), asker.now
    fields = Fields(request.query_params) if request.method == "DELETE" else Fields.of(exchange.body)
    asked = read(deed, fields, request.path_params.get("action", ""))
    try:
        with exchange.writing() as asker:
            receipt = perform(asker.session, asker.key, identifier, _kind(request), asked, now)
    except Conflict:
        receipt = Receipt(deed.code, Outcome.NOT_POSSIBLE, 0, now)
    exchange.arrival.outcome = DeedDone(deed.action, identifier, receipt.alert_id or None)
    return accepted(request, receipt, seal)


for (method, rest), deed in sorted(DEEDS.items(), key=lambda each: -len(each[0][1])):
    router.add_api_route(
        ALERT + (f"/{rest}" if rest else ""),
        _handler(deed, rest),
        methods=[method],
        status_code=202,
        summary=deed.action,
    )


@router.api_route("", methods=["PUT", "PATCH", "DELETE", "OPTIONS"], include_in_schema=False)
def other_method() -> Response:
    raise MethodNotAllowed(("GET", "POST"))


@router.api_route("/{path:" + ANY_TEXT + "}", methods=["POST", "PUT", "PATCH"], include_in_schema=False)
def elsewhere(path: str) -> Response:
    check_address(path)
    if "/" in path:
        raise NotFound("There is nothing at this address.")
    raise MethodNotAllowed(("GET", "DELETE"))
