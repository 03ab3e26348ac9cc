"""A company on call for years: OPEN alerts open and CLOSED closed, each with its story, page and delivery.

Written by the database itself, in a few statements: a million alerts one by one would take longer than all that is
measured with them.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
import yaml
from sqlmodel import select

from oncall.auth import sessions
from oncall.clock import system_clock
from oncall.config.apply import apply
from oncall.config.load import load
from oncall.db.database import Database, may_take_long
from oncall.models import Role, User
from oncall.reports.count_alerts import count_alerts
from oncall.reports.pages_so_far import count_days
from oncall.rota.publishing import publish
from oncall.schema import migrate
from oncall.settings import Settings
from tests.bench.rota import company

PEOPLE, SCHEDULES = 150, 40
OPEN, CLOSED = 10_000, 1_000_000
EVERY = timedelta(seconds=60)
"""Between two alerts: two years in all."""

MOST_LATE = timedelta(hours=2)
"""As long ago the last one triggered, so that nothing has been done to it in the future."""

NUMBERS = {
    "sqlite": "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < :many) SELECT n FROM c)",
    "postgresql": "(SELECT n FROM generate_series(1, :many) AS n)",
}
ACKNOWLEDGED_AFTER, RESOLVED_AFTER = "n * 379 % 901", "n * 1009 % 7201"
"""Seconds: as if by chance, up to a quarter of an hour and two hours."""
AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', :first, '+' || (n * :every + {after}) || ' seconds')",
    "postgresql": "(CAST(:first AS timestamptz) + (n * :every + {after}) * interval '1 second')",
}
NO = {"sqlite": "0", "postgresql": "false"}
ALERTS = """
INSERT INTO alerts (id, service_id, dedup_key, status, summary, source, severity, urgency, details, links, labels,
  event_count, triggered_at, last_event_at, acknowledged_at, acknowledged_by_id, resolved_at, resolved_by_id, flaps,
  policy_id, step, round, round_reached, acknowledgements_needed)
SELECT n, 1 + n % :services, 'key-' || n,
  CASE WHEN n <= :closed THEN 'resolved' WHEN n % 4 = 0 THEN 'acknowledged' ELSE 'triggered' END,
  'Error rate ' || (n % 100) || ' % on checkout of shop ' || n, 'host-' || (n % 500),
  CASE n % 4 WHEN 0 THEN 'critical' WHEN 1 THEN 'error' WHEN 2 THEN 'warning' ELSE 'info' END,
  CASE n % 3 WHEN 0 THEN 'low' ELSE 'high' END,
  '{{"graph": "cpu of host", "value": "98.2", "description": "what monitoring says of it, in a sentence or two"}}',
  '[]', '{{"cluster": "east"}}',
  1 + n % 7, {at}, {at}, CASE WHEN n <= :closed OR n % 4 = 0 THEN {acknowledged} END,
  CASE WHEN n <= :closed OR n % 4 = 0 THEN 1 + n % :people END, CASE WHEN n <= :closed THEN {resolved} END,
  CASE WHEN n <= :closed THEN 1 + n % :people END, 0, 1 + n % :services, 1, 0, {no}, 1
FROM {numbers} AS numbers
"""
ENTRIES = """
INSERT INTO timeline_entries (alert_id, at, kind, text, user_id)
SELECT n, {at}, kind, told, NULL FROM {numbers} AS numbers, (
  SELECT 'triggered' AS kind, 'Triggered by prometheus: error rate' AS told
  UNION ALL SELECT 'paged', 'Paged Person 12, who is on L1'
  UNION ALL SELECT 'acknowledged', 'Acknowledged by Person 12 by text') AS kinds
"""
PAGES = """
INSERT INTO pages (id, alert_id, user_id, step, round, reason, is_shadow, created_at)
SELECT n, n, 1 + n % :people, 0, 0, 'new', {no}, {at} FROM {numbers} AS numbers
"""
DELIVERIES = """
INSERT INTO deliveries (page_id, alert_id, user_id, kind, address, body, state, created_at, due_at, attempts, sent_at,
  finished_at, provider, error, status_asks, carries, update_attempts)
SELECT n, n, 1 + n % :people, 'sms', '+12025550100', 'CRITICAL checkout', 'delivered', {at}, {at}, 1, {at}, {at}, '',
  '', 0, 0, 0 FROM {numbers} AS numbers
"""


def make(settings: Settings, many_closed: int = CLOSED, many_open: int = OPEN) -> str:
    """Fill a new database. Gives the login of an admin, as the cookie has it."""
    migrate.upgrade(settings)
    database, now = Database(settings), system_clock()
    with database.transaction() as session:
        apply(session, load(_config()), now)
        admin = session.exec(select(User).where(User.role == Role.ADMIN)).first()
        assert admin is not None
        token = sessions.begin(session, admin, now, hours=24)
    with database.transaction() as session:
        may_take_long(session)
        _fill(session.connection(), now, many_closed, many_open)
    if not database.is_sqlite:  # which knows no figures of its tables, and is asked for none
        with database.engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    # or the first pages were measured while that goes on
    publish(database, now, only_if_changed=False)
    for count in (count_days, count_alerts):
        count(database, system_clock, lambda _seconds: False)
    database.close()
    return token


def _config() -> str:
    """Each schedule with a team of its own, a policy and a service, and everybody with a phone."""
    config = yaml.safe_load(company(SCHEDULES, PEOPLE))
    for number, user in enumerate(config["users"]):
        phone = {"name": "mobile", "kind": "sms", "address": f"+120255501{number % 100:02}", "verified": True}
        user |= {"role": "admin" if number == 0 else "user", "contact_methods": [phone]}
        user["notification_rules"] = [{"urgency": "high", "after": "0m", "contact_method": "mobile"}]
    names = [f"s{number}" for number in range(SCHEDULES)]
    members = {name: [f"p{each}" for each in range(int(name[1:]), PEOPLE, SCHEDULES)] for name in names}
    steps = {name: [{"page": [f"schedule:{name}/{level}"], "wait": "24h"} for level in ("L1", "L2")] for name in names}
    config["teams"] = [{"name": name, "members": members[name]} for name in names]
    config["schedules"] = [schedule | {"team": schedule["name"]} for schedule in config["schedules"]]
    config["escalation_policies"] = [{"name": name, "steps": steps[name]} for name in names]
    config["services"] = [{"name": name, "team": name, "escalation_policy": name} for name in names]
    return yaml.safe_dump(config)


def _fill(connection: sa.Connection, now: datetime, many_closed: int, many_open: int) -> None:
    many, kind = many_closed + many_open, connection.dialect.name
    first = now - EVERY * (many + 1) - MOST_LATE
    values = {
        "many": many,
        "closed": many_closed,
        "first": first.isoformat(sep=" ", timespec="microseconds").removesuffix("+00:00") + "Z" * (kind != "sqlite"),
        "every": int(EVERY.total_seconds()),
        "people": PEOPLE,
        "services": SCHEDULES,
    }
    if kind == "postgresql":
        connection.exec_driver_sql("SET statement_timeout = 0; SET session_replication_role = replica")
    afters = {"at": "0", "acknowledged": ACKNOWLEDGED_AFTER, "resolved": RESOLVED_AFTER}
    moments = {name: AT[kind].format(after=after) for name, after in afters.items()}
    for statement in (ALERTS, ENTRIES, PAGES, DELIVERIES):
        text = statement.format(numbers=NUMBERS[kind], no=NO[kind], **moments)
        connection.execute(sa.text(text), {name: values[name] for name in values if f":{name}" in text})
    if kind == "postgresql":
        for table in ("alerts", "pages"):
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {many})")
