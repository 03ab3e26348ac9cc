"""The config that these tests begin with: one that says something of nearly everything (EXAMPLE), and what it takes for
granted (BEFORE)."""

from datetime import UTC, datetime

from sqlmodel import Session, select

from oncall.config.apply import apply
from oncall.config.export import export
from oncall.config.load import load
from oncall.config.merge import merge
from oncall.config.plan import Change
from oncall.config.schema import Config, UserForm
from oncall.errors import BadInput
from oncall.models import ContactMethod

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)

BEFORE = """
users:
  - {handle: bob, name: Bob Baker, tags: [developer]}
schedules:
  - {name: ops, timezone: UTC, levels: [L1]}
  - {name: payments, timezone: UTC, levels: [L1]}
  - {name: support, timezone: UTC, levels: [L1]}
"""

EXAMPLE = """
users:
  - handle: alice
    name: Alice Archer
    email: alice@example.com
    timezone: America/New_York
    role: admin                      # admin | user | viewer
    tags: [developer]
    experienced: [dev]               # schedules in which this person is no first-timer, whatever the history says
    contact_methods:
      - {name: mobile, kind: sms, address: "+12025550101", verified: true}
      - {name: call, kind: voice, address: "+12025550101", verified: true}
    notification_rules:
      - {urgency: high, after: 0m, contact_method: mobile}
      - {urgency: high, after: 2m, contact_method: call}
      - {urgency: low, after: 0m, contact_method: mobile}
teams:
  - {name: dev, members: [alice, bob], managers: [alice]}
schedules:
  - name: dev
    team: dev
    timezone: America/New_York
    levels: [L1, L2]
    rotations:
      - name: developers
        levels: [L1, L2]             # default: all the schedule's levels
        members: {tagged: developer, not_in: [ops, payments, support]}   # or a list of handles, in order
        start: 2026-01-05T10:00      # first handoff, wall clock in the schedule's zone
        shift: 3 days                # hours, days, weeks, months; or a cycle: [4 days, 3 days]
        hours: Mon-Fri 09:00-17:00   # optional; a later rotation in the list wins where it applies
        first_shift_level: L1        # optional: turns the first-timer rule on
        until: 2027-01-05T10:00      # optional
    overrides:
      - {level: L1, user: bob, start: 2026-02-01T10:00, end: 2026-02-02T10:00}
escalation_policies:
  - name: dev
    repeat: 2
    fallback: user:alice
    steps:
      - {page: ["schedule:dev/L1"], wait: 5m}
      - {page: ["schedule:dev/L2"], wait: 10m}
      - {page: ["team:dev"], wait: 15m}
services:
  - name: web
    team: dev
    escalation_policy: dev
    integration_keys:
      - {name: prometheus, tool: alertmanager, key: chosen-or-generated}
      - {name: events, tool: pagerduty, key: "0123456789abcdef0123456789abcdef"}
heartbeats:
  - {name: nightly-backup, service: web, every: 24h, grace: 30m, key: chosen-or-generated}
maintenance:
  - {name: db-upgrade, service: web, start: 2026-12-06T02:00, end: 2026-12-06T04:00, timezone: Europe/Paris,
     repeats: FREQ=WEEKLY, reason: db upgrade, pages_critical: true}
  - {name: move, team: dev, start: 2026-12-06T02:00, end: 2026-12-06T04:00, timezone: Europe/Paris}
"""


def apply_text(session: Session, text: str, now: datetime = NOW) -> list[Change]:
    return apply(session, load(text, export(session)), now, confirm=True)


def applied(session: Session, text: str, now: datetime = NOW) -> list[str]:
    """What applying the text changed, a line each. What follows reads the tables afresh."""
    lines = "\n".join(str(change) for change in apply_text(session, text, now)).splitlines()
    session.expire_all()
    return lines


def alice(company: Session) -> UserForm:
    return next(user for user in export(company).users if user.handle == "alice")


def methods(company: Session) -> dict[str, ContactMethod]:
    return {row.name: row for row in company.exec(select(ContactMethod))}


def complaints(text: str, current: Config | None = None) -> list[str]:
    """What `load` has to say about the text."""
    try:
        load(text, current or Config())
    except BadInput as error:
        return [error.detail] if not error.problems else error.problems
    return []


def the_example() -> Config:
    """EXAMPLE and BEFORE as one whole."""
    return merge(load(BEFORE), load(EXAMPLE))


def complaint(text: str, current: Config | None = None) -> str:
    """The only complaint about the text."""
    (only,) = complaints(text, current)
    return only
