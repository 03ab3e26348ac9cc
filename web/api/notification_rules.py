"""In what order the caller is reached."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session

from oncall.auth.permissions import Permission
from oncall.models import Urgency, User
from oncall.people.people import LATEST_RULE_SECONDS, MOST_RULES, Rule, notification_rules, set_notification_rules
from web.api.body import Body, Listing, problems, whole
from web.edge import Api

router = APIRouter(prefix="/users/me/notification-rules", tags=["me"])


class RuleBody(Body):
    urgency: Urgency
    after_seconds: int = Field(0, ge=0, le=LATEST_RULE_SECONDS, description="How long after the page.")
    contact_method: str = Field(description="Its name.")


class RulesBody(Body):
    items: list[RuleBody] = Field(max_length=MOST_RULES)


class RuleView(BaseModel):
    urgency: Urgency
    after_seconds: int
    contact_method: str


@router.get("", summary="My notification rules")
def list_rules(edge: Api) -> Listing[RuleView]:
    """Without any, texts are sent at once and calls are made two minutes later."""
    with edge.reading() as caller:
        return _views(caller.session, caller.user)


@router.put("", summary="Replace all my notification rules", responses=problems(400))
def set_rules(edge: Api, body: RulesBody) -> Listing[RuleView]:
    with edge.writing(Permission.ACT) as caller:
        rules = [Rule(rule.urgency, rule.after_seconds, rule.contact_method) for rule in body.items]
        set_notification_rules(caller.session, caller.user, rules)
        return _views(caller.session, caller.user)


def _views(session: Session, user: User) -> Listing[RuleView]:
    return whole([RuleView.model_validate(rule._asdict()) for rule in notification_rules(session, user)])
