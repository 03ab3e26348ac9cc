"""Who changed what of the set-up, and who signed in."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from oncall.auth.permissions import Permission
from oncall.setup.audit import AuditRow, list_audit
from web.api.body import After, Limit, Listing, page
from web.edge import Api

router = APIRouter(prefix="/audit", tags=["audit"])


class AuditView(BaseModel):
    at: datetime
    by: str = Field(
        description="A name; “an operator” ran a command on the database, “somebody” was refused at the login."
    )
    via: str
    what: str

    @classmethod
    def of(cls, row: AuditRow) -> "AuditView":
        return cls(at=row.entry.at, by=row.by, via=row.entry.via, what=row.entry.what)


@router.get("", summary="What people have changed of the set-up, and who has signed in, newest first")
def list_entries(
    edge: Api,
    text: Annotated[str, Query(max_length=200, description="In what was done, or in the name of whoever did it.")] = "",
    cursor: After = None,
    limit: Limit = 50,
) -> Listing[AuditView]:
    with edge.reading(Permission.ADMINISTER) as caller:
        rows = list_audit(caller.session, limit, cursor, text)
    return page([AuditView.of(row) for row in rows], limit, rows and str(rows[-1].entry.id))
