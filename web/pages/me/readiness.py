"""What the readiness check looks at, gathered."""

from collections.abc import Mapping, Sequence
from typing import Any

from oncall.absences.absence_conflicts import AbsenceConflict
from oncall.models import ContactMethod, Delivery, NotificationRule
from oncall.people.readiness import Facts, is_ready, readiness
from oncall.rota.coverage import OnCall, plans
from schedules.experience import experience
from web.edge import Caller


def ready(
    caller: Caller,
    shift: OnCall | None,
    methods: Sequence[ContactMethod],
    rules: Sequence[NotificationRule],
    tests: Mapping[int, Delivery],
    conflicts: Sequence[AbsenceConflict],
    *,
    has_calendar: bool,
) -> dict[str, Any]:
    """What the page shows of it. `shift`: the next."""
    facts = Facts(
        methods,
        rules,
        tests.values(),
        has_calendar,
        is_away=shift is not None and any(_same(conflict.shift, shift) for conflict in conflicts),
        is_first=shift is not None and _is_first(caller, shift),
    )
    checks = readiness(facts, caller.now)
    return {"next_shift": shift, "checks": checks, "is_ready": is_ready(checks)}


def _same(one: OnCall, other: OnCall) -> bool:
    return (one.schedule, one.level, one.start) == (other.schedule, other.level, other.start)


def _is_first(caller: Caller, shift: OnCall) -> bool:
    plan = plans(caller.session)[shift.schedule]
    return shift.handle in experience(plan).first_timers(shift.level, shift.start)
