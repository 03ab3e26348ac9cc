"""Pure: is a config, taken as the whole, complete, and does everything it refers to exist?

Places name objects: ("schedules", "dev", "rotations", 0, "until").
"""

from collections.abc import Callable, Iterator, Set
from typing import Any, TypeAlias

from oncall.config.form import NO_TIME, Form
from oncall.config.merge import NAMED_LISTS
from oncall.config.names import Names
from oncall.config.policy_forms import PolicyForm, StepForm
from oncall.config.problems import Location, Problem
from oncall.config.schema import (
    KINDS,
    Config,
    MemberForm,
    MemberRule,
    OverrideForm,
    RotationForm,
    ScheduleForm,
    TeamForm,
    UserForm,
)
from oncall.config.service_forms import HeartbeatForm, IntegrationKeyForm, MaintenanceForm, ServiceForm
from oncall.config.values import is_address, split_target, zone
from oncall.ingest.registry import TOOLS
from oncall.ingest.tool import problem_with
from oncall.models import ServiceUrgency
from schedules.durations import parse_duration
from schedules.hours_text import parse_weekdays
from schedules.recurrence import why_never

Findings: TypeAlias = Iterator[tuple[Location, str]]
"""Places within one object, each with a sentence, which is "" where all is well."""


def whole_problems(whole: Config, lost: Set[Location] = frozenset()) -> list[Problem]:
    """Every problem but those at or below the `lost` places, which could not be read."""
    names = Names.of(whole, lost)
    found = [
        Problem((section, form.key_name, *place), sentence)
        for section in KINDS
        for form in getattr(whole, section)
        for place, sentence in [*_missing(form, ()), *CHECKS[section](form, names)]
        if sentence
    ]
    found += [*_shared_keys(whole), *_shared_names(whole), *_circles(whole)]
    return [problem for problem in found if not any(problem.location[: len(place)] == place for place in lost)]


def _missing(form: Form, place: Location) -> Findings:
    for field in form.needed:
        if field not in form.model_fields_set or getattr(form, field) == "":
            yield (*place, field), "is missing"
    for field in NAMED_LISTS:
        for i, item in enumerate(getattr(form, field, ())):
            yield from _missing(item, (*place, field, i))


def _user(user: UserForm, names: Names) -> Findings:
    for i, schedule in enumerate(user.experienced):
        yield ("experienced", i), names.schedule(schedule)
    for i, rule in enumerate(user.notification_rules):
        yield ("notification_rules", i, "contact_method"), names.method(user.handle, rule.contact_method)


def _team(team: TeamForm, names: Names) -> Findings:
    for i, handle in enumerate(team.members):
        yield ("members", i), names.user(handle)
    for i, handle in enumerate(team.managers):
        yield ("managers", i), names.user(handle)
    yield from _team_keys(team, names)


def _team_keys(team: TeamForm, names: Names) -> Findings:
    for i, key in enumerate(team.integration_keys):
        place = ("integration_keys", i)
        if key.service:
            yield (*place, "service"), names.service(key.service)
        yield from _tool(key, place)
        for j, rule in enumerate(key.rules):
            if rule.service is not None:
                yield (*place, "rules", j, "service"), names.service(rule.service)


def _tool(key: IntegrationKeyForm, place: Location) -> Findings:
    if key.tool and key.tool not in TOOLS:
        yield (*place, "tool"), f"{key.tool} is not a known tool: known are {', '.join(TOOLS)}"
    elif key.tool:
        yield (*place, "options"), problem_with(TOOLS[key.tool], key.options)


def _schedule(schedule: ScheduleForm, names: Names) -> Findings:
    if schedule.team is not None:
        yield ("team",), names.team(schedule.team)
    for level in schedule.slack_usergroups:
        yield ("slack_usergroups", level), names.level(schedule.name, level)
    for i, rotation in enumerate(schedule.rotations):
        for place, sentence in _rotation(rotation, schedule.name, names):
            yield ("rotations", i, *place), sentence
    for i, override in enumerate(schedule.overrides):
        for place, sentence in _override(override, schedule.name, names):
            yield ("overrides", i, *place), sentence


def _rotation(rotation: RotationForm, schedule: str, names: Names) -> Findings:
    for i, level in enumerate(rotation.levels):
        yield ("levels", i), names.level(schedule, level)
    if isinstance(rotation.members, MemberRule):
        for i, name in enumerate(rotation.members.not_in):
            is_own = name == schedule
            yield ("members", "not_in", i), "leaves out its own members" if is_own else names.schedule(name)
        for i, name in enumerate(rotation.members.team):
            yield ("members", "team", i), names.team(name)
    else:
        for i, member in enumerate(rotation.members):
            for sentence in _member(member, names):
                yield ("members", i), sentence
    if rotation.skip:
        yield from _skip(rotation)
    if (first := rotation.first_shift_level) is not None:
        is_on = not rotation.levels or first in rotation.levels
        yield ("first_shift_level",), names.level(schedule, first) if is_on else f"the rotation is not on level {first}"
    if rotation.until is not None and rotation.until <= rotation.start:
        yield ("until",), "must be after start"


def _member(member: MemberForm, names: Names) -> Iterator[str]:
    yield from map(names.user, member.user)
    if member.joins and member.leaves and member.leaves <= member.joins:
        yield "leaves before joining: mend one of the two times"


def _skip(rotation: RotationForm) -> Findings:
    if rotation.start != NO_TIME and rotation.start.weekday() in parse_weekdays(rotation.skip):
        yield ("start",), f"is on a {rotation.start:%A}, which the rotation skips: start on a day that it works"
    for i, length in enumerate(rotation.shift):
        if parse_duration(length).unit != "days":
            yield ("shift", i), "must be in days where days are skipped, since only those that are worked count"


def _override(override: OverrideForm, schedule: str, names: Names) -> Findings:
    if wrong := names.level(schedule, override.level):
        yield ("level",), f"{wrong}: leave out overrides of one that it had, what has been of them stays"
    if override.user is not None:
        yield ("user",), names.user(override.user)
    if override.replaces is not None:
        yield ("replaces",), names.user(override.replaces)
    is_comparable = (override.start.tzinfo is None) == (override.end.tzinfo is None)
    if is_comparable and override.end <= override.start:
        yield ("end",), "must be after start"


def _policy(policy: PolicyForm, names: Names) -> Findings:
    if policy.fallback is not None:
        is_post = is_address(policy.fallback)
        yield ("fallback",), "is an address, at which nobody is paged" if is_post else names.target(policy.fallback)
    for i, step in enumerate(policy.steps):
        for j, target in enumerate(step.page):
            yield ("steps", i, "page", j), names.target(target)
        yield ("steps", i, "acknowledgements"), _too_few(step)
    if policy.steps and policy.fallback is None and all(is_address(t) for step in policy.steps for t in step.page):
        yield ("steps",), "page nobody, since all of them only post to addresses: add people, a schedule or a team"


def _too_few(step: StepForm) -> str:
    """People by name can be counted here; who is on call, and in a team, can't."""
    people = {target for target in step.page if split_target(target)[0] == "user"}
    others = [target for target in step.page if target not in people and not is_address(target)]
    if step.acknowledgements == 1 or others or len(people) >= step.acknowledgements:
        return ""
    return f"must be no more than the people whom the step pages, who are {len(people)}"


def _service(service: ServiceForm, names: Names) -> Findings:
    if service.team is not None:
        yield ("team",), names.team(service.team)
    if service.escalation_policy:
        yield ("escalation_policy",), names.policy(service.escalation_policy)
    if service.support_hours is not None and service.urgency is not ServiceUrgency.SEVERITY:
        yield ("support_hours",), f"decide the urgency: leave them out, or leave out urgency: {service.urgency}"
    for i, name in enumerate(service.depends_on):
        yield ("depends_on", i), names.service(name)
    for i, key in enumerate(service.integration_keys):
        yield from _tool(key, ("integration_keys", i))


def _heartbeat(heartbeat: HeartbeatForm, names: Names) -> Findings:
    if heartbeat.service:
        yield ("service",), names.service(heartbeat.service)


def _maintenance(window: MaintenanceForm, names: Names) -> Findings:
    if (window.service is None) == (window.team is None):
        yield (), "is of a service or of a team: write one of the two"
    if window.service is not None:
        yield ("service",), names.service(window.service)
    if window.team is not None:
        yield ("team",), names.team(window.team)
    if NO_TIME in (window.start, window.end) or not window.timezone:
        return
    if window.end <= window.start:
        yield ("end",), "must be after start"
    elif window.repeats is not None:
        yield ("repeats",), why_never(window.repeats, window.start, window.end, zone(window.timezone))


CHECKS: dict[str, Callable[[Any, Names], Findings]] = {
    "users": _user,
    "teams": _team,
    "schedules": _schedule,
    "escalation_policies": _policy,
    "services": _service,
    "heartbeats": _heartbeat,
    "maintenance": _maintenance,
}


def _circles(whole: Config) -> Iterator[Problem]:
    """Services that would wait for each other: each circle told once, from the first of its names."""
    needs = {service.name: service.depends_on for service in whole.services}
    done: set[str] = set()
    for service in whole.services:
        circle = _circle_from(service.name, needs, (), done)
        if circle:
            first = circle.index(min(circle))
            told = " → ".join((*circle[first:-1], *circle[:first], circle[first]))
            sentence = f"{told} is a circle: none of them would be paged while another is down. Leave one out"
            yield Problem(("services", circle[first], "depends_on"), sentence)


def _circle_from(name: str, needs: dict[str, list[str]], way: tuple[str, ...], done: set[str]) -> tuple[str, ...]:
    """The circle that is met first from here; `done` are those from which none is met any more."""
    if name in way:
        return (*way[way.index(name) :], name)
    if name in done:
        return ()
    done.add(name)
    found = (_circle_from(each, needs, (*way, name), done) for each in needs.get(name, []))
    return next((circle for circle in found if circle), ())


def _shared_keys(whole: Config) -> Iterator[Problem]:
    """A key leads to one place. Pings have an address of their own, so a heartbeat may share one with a service."""
    owners: dict[tuple[bool, str], str] = {}
    for place, key, owner in _keys(whole):
        first = owners.setdefault((place[0] == "heartbeats", key), owner)
        if first != owner:
            yield Problem(place, f"this key is taken by {first}")


def _shared_names(whole: Config) -> Iterator[Problem]:
    """A key of a team stands among those of its service, by name."""
    taken = {(service.name, key.name): "" for service in whole.services for key in service.integration_keys}
    for team in whole.teams:
        for i, key in enumerate(team.integration_keys):
            if (key.service, key.name) in taken:
                place = ("teams", team.name, "integration_keys", i, "name")
                yield Problem(place, f"service {key.service} has a key of this name already: choose another")
            taken[key.service, key.name] = team.name


def _keys(whole: Config) -> Iterator[tuple[Location, str, str]]:
    """Where each key is, the key, and whose it is in words."""
    for service in whole.services:
        for i, form in enumerate(service.integration_keys):
            if form.key:
                place = ("services", service.name, "integration_keys", i, "key")
                yield place, form.key, f"{form.name} of service {service.name}"
    for team in whole.teams:
        for i, key in enumerate(team.integration_keys):
            if key.key:
                yield ("teams", team.name, "integration_keys", i, "key"), key.key, f"{key.name} of team {team.name}"
    for heartbeat in whole.heartbeats:
        if heartbeat.key:
            yield ("heartbeats", heartbeat.name, "key"), heartbeat.key, f"heartbeat {heartbeat.name}"
