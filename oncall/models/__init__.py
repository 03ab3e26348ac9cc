"""The tables, one file a noun."""

from oncall.models.absence import Absence, AbsenceCalendar
from oncall.models.access import ApiToken, LoginFailure, LoginSession
from oncall.models.alert import Acknowledgement, Alert, AlertMember, Severity, TimelineEntry, TimelineKind
from oncall.models.audit import AuditEntry
from oncall.models.calendar_feed import CalendarFeed
from oncall.models.canary import Canary, CanaryAccount
from oncall.models.change_event import ChangeEvent
from oncall.models.delivery import Delivery, InboundMessage, Page, PastPage
from oncall.models.installation import EngineProcess, Installation, SchemaSupport
from oncall.models.lease import Lease
from oncall.models.maintenance import MaintenanceWindow
from oncall.models.notice import Notice, NoticeKind
from oncall.models.override import Override, OverrideKind, OverrideSource, TemporarySchedule
from oncall.models.pages_so_far import PagesSoFar
from oncall.models.past_alerts import AlertToCount, DaysCounted, PastRule, PastWaits
from oncall.models.person import ContactMethod, NotificationRule, Role, Urgency, User
from oncall.models.provider import ProviderHealth, ReplyInbox
from oncall.models.received import ReceivedRequest
from oncall.models.routing import RuleCount, SuppressedEvent
from oncall.models.schedule import (
    Experience,
    PublishedShift,
    PublishedTurn,
    Rotation,
    RotationMember,
    RuledMember,
    Schedule,
)
from oncall.models.service import (
    EscalationPolicy,
    Heartbeat,
    IntegrationKey,
    RoundRobinTurn,
    Service,
    ServiceDependency,
    ServiceUrgency,
)
from oncall.models.shadow import ShadowKind, ShadowShift
from oncall.models.slack import SlackUserGroup
from oncall.models.swap import Answer, Swap, SwapEvent, SwapEventKind, SwapInvitation, SwapKind, SwapPiece
from oncall.models.team import Team, TeamContactMethod, TeamMember

__all__ = [
    "Absence",
    "AbsenceCalendar",
    "Acknowledgement",
    "Alert",
    "AlertMember",
    "AlertToCount",
    "Answer",
    "ApiToken",
    "AuditEntry",
    "CalendarFeed",
    "Canary",
    "CanaryAccount",
    "ChangeEvent",
    "ContactMethod",
    "DaysCounted",
    "Delivery",
    "EngineProcess",
    "EscalationPolicy",
    "Experience",
    "Heartbeat",
    "InboundMessage",
    "Installation",
    "IntegrationKey",
    "Lease",
    "LoginFailure",
    "LoginSession",
    "MaintenanceWindow",
    "Notice",
    "NoticeKind",
    "NotificationRule",
    "Override",
    "OverrideKind",
    "OverrideSource",
    "Page",
    "PagesSoFar",
    "PastPage",
    "PastRule",
    "PastWaits",
    "ProviderHealth",
    "PublishedShift",
    "PublishedTurn",
    "ReceivedRequest",
    "ReplyInbox",
    "Role",
    "Rotation",
    "RotationMember",
    "RoundRobinTurn",
    "RuleCount",
    "RuledMember",
    "Schedule",
    "SchemaSupport",
    "Service",
    "ServiceDependency",
    "ServiceUrgency",
    "Severity",
    "ShadowKind",
    "ShadowShift",
    "SlackUserGroup",
    "SuppressedEvent",
    "Swap",
    "SwapEvent",
    "SwapEventKind",
    "SwapInvitation",
    "SwapKind",
    "SwapPiece",
    "Team",
    "TeamContactMethod",
    "TeamMember",
    "TemporarySchedule",
    "TimelineEntry",
    "TimelineKind",
    "Urgency",
    "User",
]
