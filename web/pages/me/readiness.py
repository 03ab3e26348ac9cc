"""What the readiness check looks at, gathered."""

from collections.abc import Mapping, Sequence
from typing import Any

from oncall.models import Absence, ContactMethod, Delivery, NotificationRule
from oncall.people.readiness import Facts, is_ready, readiness
from oncall.rota.coverage import OnCall, plans
from oncall.rota.following import Following
from schedules.experience import experience
from web.edge import Caller


def ready(
    caller: Caller,
    paged: OnCall | Following | None,
    methods: Sequence[ContactMethod],
    rules: Sequence[NotificationRule],
    tests: Mapping[int, Delivery],
    absent: Mapping[str, Any],
    *,
    has_calendar: bool,
) -> dict[str, Any]:
    """What the page shows of it. `paged`: when they are paged next. `absent`: what the page shows of absences."""
    shift = paged if isinstance(paged, OnCall) else None
    learns = paged if isinstance(paged, Following) else None
    facts = Facts(
        methods,
        rules,
        tests.values(),
        has_calendar,
        is_away=shift is not None and any(_same(conflict.shift, shift) for conflict in absent["conflicts"]),
        is_first=shift is not None and _is_first(caller, shift),
        misses=learns is not None and any(_meets(absence, learns) for absence, _ in absent["absences"]),
    )
    checks = readiness(facts, caller.now)
    return {"paged": paged, "checks": checks, "is_ready": is_ready(checks)}


def _same(one: OnCall, other: OnCall) -> bool:
    return (one.schedule, one.level, one.start) == (other.schedule, other.level, other.start)


def _meets(absence: Absence, learns: Following) -> bool:
    return absence.starts_at < learns.end and learns.start < absence.ends_at


def _is_first(caller: Caller, shift: OnCall) -> bool:
    plan = plans(caller.session)[shift.schedule]
    return shift.handle in experience(plan).first_timers(shift.level, shift.start)
