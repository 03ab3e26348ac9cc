"""Where Opsgenie has an alert's page. Senders make links to it of the id that they were told, as Zabbix does."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from oncall.errors import NotFound
from oncall.opsgenie.words import number_of

router = APIRouter(prefix="/alert/detail/{identifier}", include_in_schema=False)


@router.get("")
@router.get("/details")
def to_our_page(identifier: str) -> RedirectResponse:
    number = number_of(identifier)
    if number is None:
        raise NotFound("No alert here has this id.")
    return RedirectResponse(f"/alerts/{number}", status_code=303)
