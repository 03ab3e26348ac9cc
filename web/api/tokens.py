"""The caller's API tokens."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import col, select

from oncall.auth import tokens
from oncall.auth.permissions import Permission
from oncall.errors import NotFound
from oncall.models import ApiToken
from web.api.body import Body, Id, Listing, problems, whole
from web.edge import Api

router = APIRouter(prefix="/tokens", tags=["me"])


class TokenBody(Body):
    name: str = Field(min_length=1, max_length=100, description="What it is for.")


class TokenView(BaseModel):
    id: int
    name: str
    created_at: datetime


class NewToken(TokenView):
    token: str = Field(description="Shown only now: it is stored as a hash.")


@router.get("", summary="My tokens that are valid")
def list_tokens(edge: Api) -> Listing[TokenView]:
    with edge.reading() as caller:
        rows = caller.session.exec(
            select(ApiToken)
            .where(ApiToken.user_id == caller.user_id, col(ApiToken.revoked_at).is_(None))
            .order_by(col(ApiToken.id))
        )
        return whole([TokenView.model_validate(row.model_dump()) for row in rows])


@router.post("", status_code=201, summary="Make a token")
def add_token(edge: Api, body: TokenBody) -> NewToken:
    with edge.writing(Permission.ACT) as caller:
        row, token = tokens.create_token(caller.session, caller.user, body.name, caller.now)
        return NewToken.model_validate({**row.model_dump(), "token": token})


@router.delete("/{token_id}", status_code=204, summary="Revoke a token", responses=problems(404))
def revoke_token(edge: Api, token_id: Id) -> None:
    with edge.writing(Permission.ACT) as caller:
        row = caller.session.get(ApiToken, token_id)
        if row is None or row.user_id != caller.user_id or row.revoked_at is not None:
            raise NotFound("You have no such token.")
        row.revoked_at = caller.now
        caller.session.add(row)
