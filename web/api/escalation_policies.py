"""Escalation policies: who is paged, and who next."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import col, select

from oncall.auth.permissions import Permission
from oncall.errors import NotFound
from oncall.models import EscalationPolicy
from oncall.models.service import IN_FORCE
from oncall.setup.deletion import delete_policy
from web.api.body import Listing, problems, whole
from web.edge import Api

router = APIRouter(prefix="/escalation-policies", tags=["escalation policies"])


class StepView(BaseModel):
    page: list[str] = Field(
        description="Targets: schedule:NAME/LEVEL, schedule:NAME, user:HANDLE, team:NAME; and team:NAME/METHOD, an "
        "address of the team's own, which pages nobody."
    )
    wait_seconds: int
    round_robin: bool = Field(False, description="It pages one of its people for each alert, in turn.")
    acknowledgements: int = Field(1, description="By how many people, before the alert is acknowledged.")


class PolicyView(BaseModel):
    name: str
    repeat: int = Field(description="How often the steps are run again after the first time.")
    fallback: str | None
    acknowledge_timeout_seconds: int | None = Field(
        description="What is acknowledged and not resolved within this pages again from the first step. Null: never."
    )
    steps: list[StepView]


@router.get("", summary="Every escalation policy")
def list_policies(edge: Api) -> Listing[PolicyView]:
    with edge.reading() as caller:
        rows = caller.session.exec(select(EscalationPolicy).where(IN_FORCE).order_by(col(EscalationPolicy.name)))
        return whole([_view(policy) for policy in rows])


@router.get("/{name}", summary="One escalation policy", responses=problems(404))
def get_policy(edge: Api, name: str) -> PolicyView:
    with edge.reading() as caller:
        policy = caller.session.exec(select(EscalationPolicy).where(IN_FORCE, EscalationPolicy.name == name)).first()
        if policy is None:
            raise NotFound(f"There is no escalation policy {name}.")
        return _view(policy)


@router.delete("/{name}", status_code=204, summary="Delete an escalation policy", responses=problems(404, 409))
def delete(edge: Api, name: str) -> None:
    """Once no service follows it. Open alerts that do go on as they began."""
    with edge.writing(Permission.ACT) as caller:
        delete_policy(caller.session, caller.user, name, caller.now)


def _view(policy: EscalationPolicy) -> PolicyView:
    return PolicyView.model_validate(policy, from_attributes=True)
