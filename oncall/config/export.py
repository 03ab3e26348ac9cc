"""The database as a Config, and a Config as the text of a file."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from oncall.config import export_services as services
from oncall.config.schema import (
    KINDS,
    AddressForm,
    Config,
    ContactMethodForm,
    MemberForm,
    MemberRule,
    NoticesForm,
    OverrideForm,
    QuietHoursForm,
    RotationForm,
    RuleForm,
    ScheduleForm,
    TeamForm,
    UserForm,
)
from oncall.config.service_forms import (
    HeartbeatForm,
    IntegrationKeyForm,
    MaintenanceForm,
    ServiceForm,
)
from oncall.config.values import as_written
from oncall.config.yaml_text import write_yaml
from oncall.ingest.registry import open_options
from oncall.models import (
    ContactMethod,
    EscalationPolicy,
    Experience,
    Heartbeat,
    IntegrationKey,
    MaintenanceWindow,
    NotificationRule,
    Override,
    OverrideSource,
    Rotation,
    RotationMember,
    Schedule,
    Service,
    ServiceDependency,
    Severity,
    Team,
    TeamContactMethod,
    TeamMember,
    User,
)
from oncall.models.schedule import CURRENT
from oncall.models.service import IN_FORCE, IN_USE

Row = TypeVar("Row", bound=SQLModel)


def export(session: Session, sections: Collection[str] = KINDS) -> Config:
    """Everything that a file can say, or some `sections`, without whoever has retired, services that were deleted, and
    keys that were revoked.

    Made without checks, so that nothing odd that is stored already can keep the rest from being shown and mended.
    Holds integration and heartbeat keys, but no passwords and no tokens.
    """
    return _Export(session).config(sections)


def rotations_of(session: Session, schedule: Schedule) -> list[RotationForm]:
    """Those of one schedule that are current, as `export` has them."""
    assert schedule.id is not None
    return _Export(session).rotation_forms(col(Rotation.schedule_id) == schedule.id)[schedule.id]


def to_yaml(config: Config) -> str:
    """Text that `load` turns into an equal Config; what goes without saying is left out, and so are keys' secrets."""
    teams, services = ([_without_secrets(owner) for owner in owners] for owners in (config.teams, config.services))
    return write_yaml(config.model_copy(update={"teams": teams, "services": services}).model_dump(mode="json"))


def _without_secrets(owner: TeamForm | ServiceForm) -> TeamForm | ServiceForm:
    keys = [key.model_copy(update={"options": open_options(key.tool, key.options)}) for key in owner.integration_keys]
    return owner.model_copy(update={"integration_keys": keys})


def _grouped(rows: Iterable[Row], key: Callable[[Row], int]) -> defaultdict[int | None, list[Row]]:
    groups: defaultdict[int | None, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _names(rows: Iterable[Any]) -> dict[int | None, str]:
    return {row.id: row.name for row in rows}


class _Export:
    """Rows, each read once and only if it is asked for, and the forms made of them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @cached_property
    def schedules(self) -> list[Schedule]:
        return self._all(Schedule, Schedule.id)

    @cached_property
    def policies(self) -> list[EscalationPolicy]:
        return self._all(EscalationPolicy, EscalationPolicy.id, IN_FORCE)

    @cached_property
    def services(self) -> list[Service]:
        return self._all(Service, Service.id, IN_USE)

    @cached_property
    def handle(self) -> dict[int | None, str]:
        """By the id of whoever has not retired."""
        return dict(self.session.exec(select(User.id, User.handle).where(col(User.retired_at).is_(None))).all())

    @cached_property
    def team(self) -> dict[int | None, str]:
        return dict(self.session.exec(select(Team.id, Team.name).order_by(col(Team.id))).all())

    def _all(self, table: type[Row], order: Any, *where: Any) -> list[Row]:
        return list(self.session.exec(select(table).where(*where).order_by(order)))

    def config(self, sections: Collection[str]) -> Config:
        forms: dict[str, Callable[[], list[Any]]] = {
            "users": self._user_forms,
            "teams": self._team_forms,
            "schedules": self._schedule_forms,
            "escalation_policies": lambda: [services.policy(policy) for policy in self.policies],
            "services": self._service_forms,
            "heartbeats": self._heartbeat_forms,
            "maintenance": self._maintenance_forms,
        }
        return Config(**{section: made() for section, made in forms.items() if section in sections})

    def _user_forms(self) -> list[UserForm]:
        methods = _grouped(self._all(ContactMethod, ContactMethod.id), lambda method: method.user_id)
        rules = _grouped(self._all(NotificationRule, NotificationRule.id), lambda rule: rule.user_id)
        experience = _grouped(self._all(Experience, Experience.schedule_id), lambda experience: experience.user_id)
        schedule = _names(self.schedules)
        return [
            UserForm.model_construct(
                handle=user.handle,
                name=user.name,
                email=user.email,
                timezone=user.timezone,
                country=user.country,
                role=user.role,
                tags=list(user.tags),
                experienced=sorted(schedule[row.schedule_id] for row in experience[user.id]),
                contact_methods=[_method(method) for method in methods[user.id]],
                notification_rules=_rules(rules[user.id], methods[user.id]),
                notices=_notices(user),
                quiet_hours=_quiet_hours(user),
            )
            for user in self._all(User, User.id, col(User.retired_at).is_(None))
        ]

    def _team_forms(self) -> list[TeamForm]:
        places = _grouped(self._all(TeamMember, TeamMember.user_id), lambda place: place.team_id)
        addresses = _grouped(self._all(TeamContactMethod, TeamContactMethod.id), lambda method: method.team_id)

        live = self._all(IntegrationKey, IntegrationKey.id, col(IntegrationKey.revoked_at).is_(None))
        keys = _grouped((key for key in live if key.team_id is not None), lambda key: key.team_id or 0)
        service = _names(self.services)

        def handles(team_id: int | None, is_wanted: Callable[[TeamMember], bool]) -> list[str]:
            return self._handles(place.user_id for place in places[team_id] if is_wanted(place))

        return [
            TeamForm.model_construct(
                name=name,
                members=sorted(handles(team_id, lambda place: place.is_member)),
                managers=sorted(handles(team_id, lambda place: place.is_manager)),
                contact_methods=[
                    AddressForm.model_construct(name=method.name, kind=method.kind, address=method.address)
                    for method in addresses[team_id]
                ],
                integration_keys=[services.team_key(key, service[key.service_id]) for key in keys[team_id]],
            )
            for team_id, name in self.team.items()
        ]

    def _handles(self, ids: Iterable[int]) -> list[str]:
        """In the same order, without those who have retired."""
        return [self.handle[id_] for id_ in ids if id_ in self.handle]

    def _schedule_forms(self) -> list[ScheduleForm]:
        rotations = self.rotation_forms()
        made = self.session.exec(select(Override).order_by(col(Override.created_at), col(Override.id)))
        overrides = _grouped(made, lambda override: override.schedule_id)
        return [
            ScheduleForm.model_construct(
                name=schedule.name,
                team=self.team.get(schedule.team_id),
                timezone=schedule.timezone,
                levels=list(schedule.levels),
                covers=schedule.covers,
                horizon=schedule.horizon_days,
                rest=timedelta(hours=schedule.rest_hours),
                slack_usergroups=dict(schedule.slack_usergroups),
                rotations=rotations[schedule.id],
                overrides=[self._override(row) for row in overrides[schedule.id] if self._is_the_files(row)],
            )
            for schedule in self.schedules
        ]

    def rotation_forms(self, *where: Any) -> defaultdict[int | None, list[RotationForm]]:
        """By schedule, those that are current."""
        current = self._all(Rotation, Rotation.position, CURRENT, *where)
        in_them = col(RotationMember.rotation_id).in_([rotation.id for rotation in current])
        listed = select(RotationMember).where(in_them).order_by(col(RotationMember.position), col(RotationMember.id))
        members = _grouped(self.session.exec(listed), lambda member: member.rotation_id)
        forms: defaultdict[int | None, list[RotationForm]] = defaultdict(list)
        for rotation in current:
            forms[rotation.schedule_id].append(_rotation(rotation, self._members(members[rotation.id])))
        return forms

    def _members(self, rows: Iterable[RotationMember]) -> list[MemberForm]:
        """Without those who have retired; a turn that they alone had goes with them."""
        forms = []
        for _, group in groupby(rows, key=lambda row: row.position):
            together = list(group)
            handles = self._handles(row.user_id for row in together if row.user_id is not None)
            if handles or together[0].user_id is None:
                joins, leaves = _wall_clock(together[0].joins), _wall_clock(together[0].leaves)
                forms.append(MemberForm.model_construct(user=handles, joins=joins, leaves=leaves))
        return forms

    def _is_the_files(self, row: Override) -> bool:
        """Swaps and temporary schedules are people's, those of people who have retired are history, and one that ended
        in its first second says nothing.
        """
        people = [user_id for user_id in (row.user_id, row.replaces_id) if user_id is not None]
        is_mine = row.source is OverrideSource.OVERRIDE and not row.is_history
        has_length = as_written(row.starts_at) < as_written(row.ends_at)
        return is_mine and has_length and all(user_id in self.handle for user_id in people)

    def _override(self, row: Override) -> OverrideForm:
        return OverrideForm.model_construct(
            level=row.level,
            kind=row.kind,
            user=self.handle.get(row.user_id),
            replaces=self.handle.get(row.replaces_id),
            start=as_written(row.starts_at),
            end=as_written(row.ends_at),
        )

    def _service_forms(self) -> list[ServiceForm]:
        live = self._all(IntegrationKey, IntegrationKey.id, col(IntegrationKey.revoked_at).is_(None))
        keys = _grouped((key for key in live if key.team_id is None), lambda key: key.service_id)
        policy, name = _names(self.policies), _names(self.services)
        needs = _grouped(
            self._all(ServiceDependency, ServiceDependency.depends_on_id), lambda dependency: dependency.service_id
        )
        return [
            ServiceForm.model_construct(
                name=service.name,
                description=service.description,
                team=self.team.get(service.team_id),
                escalation_policy=policy[service.escalation_policy_id],
                urgency=service.urgency,
                support_hours=services.support_hours(service),
                flapping=services.flapping(service),
                grouping=services.grouping(service),
                auto_resolve=services.span(service.auto_resolve_seconds),
                reopen_within=services.span(service.reopen_within_seconds),
                depends_on=[name[row.depends_on_id] for row in needs[service.id]],
                integration_keys=[
                    IntegrationKeyForm.model_construct(
                        name=key.name, tool=key.tool, key=key.key, options=dict(key.options)
                    )
                    for key in keys[service.id]
                ],
            )
            for service in self.services
        ]

    def _heartbeat_forms(self) -> list[HeartbeatForm]:
        service = _names(self.services)
        return [
            HeartbeatForm.model_construct(
                name=row.name,
                service=service[row.service_id],
                every=timedelta(seconds=row.every_seconds),
                grace=timedelta(seconds=row.grace_seconds),
                key=row.key,
                enabled=row.enabled,
                description=row.description,
                alert_summary=row.alert_summary,
                alert_severity=row.alert_severity or Severity.CRITICAL,
                alert_tags=row.alert_tags or [],
            )
            for row in self._all(Heartbeat, Heartbeat.id)
        ]

    def _maintenance_forms(self) -> list[MaintenanceForm]:
        service = _names(self.services)
        rows = self._all(MaintenanceWindow, MaintenanceWindow.id)
        return [
            services.maintenance(row, service.get(row.service_id), self.team.get(row.team_id))
            for row in rows
            if row.service_id is None or row.service_id in service
        ]


def _method(method: ContactMethod) -> ContactMethodForm:
    is_verified = method.verified_at is not None
    return ContactMethodForm.model_construct(
        name=method.name, kind=method.kind, address=method.address, verified=is_verified
    )


def _notices(user: User) -> NoticesForm:
    return NoticesForm.model_construct(
        ahead=timedelta(hours=user.notice_ahead_hours),
        start=user.notice_start,
        end=user.notice_end,
        weekly=user.notice_weekly,
    )


def _quiet_hours(user: User) -> QuietHoursForm | None:
    if user.quiet_hours is None:
        return None
    return QuietHoursForm.model_construct(hours=user.quiet_hours, timezone=user.quiet_timezone)


def _rules(rules: Iterable[NotificationRule], methods: Iterable[ContactMethod]) -> list[RuleForm]:
    name = _names(methods)
    return [
        RuleForm.model_construct(
            urgency=rule.urgency,
            after=timedelta(seconds=rule.after_seconds),
            contact_method=name[rule.contact_method_id],
        )
        for rule in rules
    ]


def _wall_clock(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _rotation(rotation: Rotation, members: list[MemberForm]) -> RotationForm:
    rule = rotation.member_rule
    return RotationForm.model_construct(
        name=rotation.name,
        levels=list(rotation.levels),
        members=members if rule is None else _rule(rule),
        start=datetime.fromisoformat(rotation.start),
        shift=list(rotation.shift),
        timezone=rotation.timezone,
        hours=rotation.hours,
        skip=list(rotation.skip),
        first_shift_level=rotation.first_shift_level,
        level_offset=rotation.level_offset,
        until=_wall_clock(rotation.until),
    )


def _rule(rule: dict[str, list[str]]) -> MemberRule:
    return MemberRule.model_construct(
        tagged=rule.get("tagged", []), not_in=rule.get("not_in", []), team=rule.get("team", [])
    )
