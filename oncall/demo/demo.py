"""`oncall demo`: the reference company on this machine, ready to be paged. Texts and calls go to the page Phone."""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from oncall.auth.passwords import hash_password
from oncall.config.apply import apply
from oncall.db.database import Database
from oncall.demo.demo_company import ADMIN, demo_config
from oncall.errors import SetupError
from oncall.models import EscalationPolicy, IntegrationKey, Schedule, Service, User
from oncall.people.people import restore
from oncall.rota.coverage import on_call
from oncall.running.serve import address
from oncall.schema.schema_version import bring_up
from oncall.settings import Settings, load_settings
from oncall.setup.integration_keys import address as key_address

PASSWORD = "on call for a day"  # noqa: S105 - of invented people, and printed
SCHEDULE, LEVEL = "dev", "L1"
TOOL = "alertmanager"
ALERT = {
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "ElevatedErrorRate", "severity": "critical", "instance": "web-12"},
            "annotations": {"summary": "Elevated error rate after deploy"},
        }
    ]
}


@dataclass(frozen=True, slots=True)
class Welcome:
    """What somebody needs to try it out."""

    address: str
    handle: str
    name: str
    curl: str

    def __str__(self) -> str:
        return f"""
oncall demo is ready: {self.address}

{self.name} is on call for {SCHEDULE} ({LEVEL}) right now. To look through their eyes:

  Sign in as  {self.handle}
  Password    {PASSWORD}

Everybody has this password; {ADMIN} is an admin. To page {self.name}, from another terminal:

{self.curl}

Texts and calls go to no real phone but to {self.address}/phone, where they can be answered.

Ctrl-C ends it.
"""


def demo_settings() -> Settings:
    """The demo's own defaults where the environment and `.env` say nothing. `PORT` counts too, as in `make demo`."""
    given = load_settings(demo=True)
    defaults: dict[str, object] = {"demo": True}
    if "database_url" not in given.model_fields_set:
        defaults["database_url"] = "sqlite:///demo.db"
    if "port" not in given.model_fields_set and os.environ.get("PORT"):
        defaults["port"] = os.environ["PORT"]
    settings = load_settings(**defaults)
    return settings if settings.public_url else load_settings(**defaults, public_url=address(settings))


def prepare(settings: Settings, now: datetime) -> Welcome:
    """Bring the company into the database, whole: whoever has retired is back. Doing it again changes nothing."""
    bring_up(settings)
    password_hash = hash_password(PASSWORD)  # once: it is slow on purpose, and there are 150 people
    database = Database(settings)
    try:
        with database.transaction() as session:
            for user in session.exec(select(User).where(col(User.retired_at).is_not(None))):
                restore(session, user, now)
            is_new = session.exec(select(Service.id)).first() is None
            apply(session, demo_config(with_keys=is_new), now, confirm=True)
            session.execute(
                sa.update(User).where(col(User.password_hash).is_(None)).values(password_hash=password_hash)
            )
            return _welcome(session, settings, now)
    finally:
        database.close()


def _welcome(session: Session, settings: Settings, now: datetime) -> Welcome:
    schedule = session.exec(select(Schedule).where(Schedule.name == SCHEDULE)).one()
    shift = next(iter(on_call(session, schedule, now)[LEVEL]), None)
    if shift is None:
        raise SetupError(f"Nobody is on call for {SCHEDULE} {LEVEL}: set ONCALL_DATABASE_URL to a fresh file.")
    url = key_address(address(settings), _key(session), settings.email_domain)
    curl = f"curl -sS -w '\\n' {url} -d '{json.dumps(ALERT, separators=(',', ':'))}'"
    if not shutil.which("curl"):
        curl += "\n\nIt takes curl: sudo apt-get install curl"
    return Welcome(address(settings), shift.handle, shift.name, curl)


def _key(session: Session) -> IntegrationKey:
    """Of a service that pages this schedule and level first."""
    rows = session.exec(
        select(IntegrationKey, EscalationPolicy)
        .join(Service, col(Service.id) == col(IntegrationKey.service_id))
        .join(EscalationPolicy, col(EscalationPolicy.id) == col(Service.escalation_policy_id))
        .where(IntegrationKey.tool == TOOL, col(IntegrationKey.revoked_at).is_(None))
        .order_by(col(IntegrationKey.id))
    )
    for key, policy in rows:
        if policy.steps and f"schedule:{SCHEDULE}/{LEVEL}" in policy.steps[0]["page"]:
            return key
    raise SetupError(f"No service of the demo pages {SCHEDULE} {LEVEL}: set ONCALL_DATABASE_URL to a fresh file.")
