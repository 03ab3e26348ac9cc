"""Every page there is, with something on it. A new page has its line in PAGES, and its content in `fill`."""

from dataclasses import dataclass
from urllib.parse import urlencode

from sqlmodel import select

from oncall.config.apply import apply
from oncall.config.schema import Config
from oncall.models import ContactMethod
from oncall.running.runtime import Runtime
from tests.web.pages.alerts.test_changes import tell
from tests.web.pages.browser import Browser, deliver, fire, link, person

ANSWER = "/answer/{token}"
PAGES = [
    "/",
    "/alerts",
    "/alerts?q=nothing+is+called+this&label=cluster%3Dcom.example.payments.gateway.ThreeDomainSecureAuthentication",
    "/alerts/1",
    "/page?schedule=dev",
    ANSWER,
    "/burden",
    "/changes",
    "/changes?service=nothing",
    "/heartbeats",
    "/heartbeat-editor?name=nightly-backup",
    "/login",
    "/maintenance",
    "/me",
    "/me/reached",
    "/me/access",
    "/me/month",
    "/me/burden",
    "/policies",
    "/policies/dev",
    "/policy-editor?name=dev",
    "/team-editor?name=dev",
    "/service-editor?name=web",
    "/would-page",
    "/people/bob",
    "/person-editor?handle=bob",
    "/admin",
    "/admin/audit",
    "/admin/settings",
    "/teams",
    "/teams/nothing",
    "/offline",
    "/people",
    "/phone",
    "/reports",
    "/reports/alerts-by-day",
    "/reports/nights?from=2026-03-02&until=2026-03-01",
    "/reports/noisiest?from=2026-03-01&until=2026-03-02",
    "/schedules",
    "/schedules/dev",
    "/schedules/dev?view=day&zone=schedule",
    "/schedules/dev/publishing",
    "/schedules/dev/rotations/developers",
    "/schedules/dev/rotations",
    "/schedules/dev/new-rotation",
    "/new-schedule",
    "/schedule-editor?name=dev",
    "/schedules/nothing",
    "/setup",
    "/setup/twilio",
    "/services",
    "/services/web",
    "/services/web/keys/events",
    "/services/web/keys/events?shown=1",
    "/services/web/keys/events/options",
    "/styleguide",
    *(f"/styleguide/errors/{status}" for status in (403, 404, 500)),
    "/suppressed",
    "/teams/dev/keys/everything",
    "/teams/dev/keys/everything/options",
    "/swaps",
    "/swaps/1",
    "/swaps/new",
    "/swaps/new?schedule=dev&level=L2&start=2026-03-06T12:00Z&end=2026-03-06T23:00Z",
]


@dataclass(frozen=True, slots=True)
class Words:
    """What people and tools write."""

    alice: str
    bob: str
    schedule: str
    alert: str
    change: str
    author: str
    source: str
    link: str
    reason: str


USUAL = Words(
    "Alice Archer",
    "Bob Baker",
    "payments",
    "Elevated error rate after deploy",
    "deploy web #4711",
    "bob",
    "jenkins",
    "https://runbooks.example.com/errors",
    "Moving the database",
)
LONG = Words(
    *["Wolfeschlegelsteinhausenbergerdorff Konstantinopoulou-Featherstonehaugh"] * 3,
    "com.example.payments.gateway.ThreeDomainSecureAuthenticationTimeoutException/9f8e7d6c5b4a3928",
    f"deploy {'web-' * 40}4711",
    "WolfeschlegelsteinhausenbergerdorffKonstantinopoulou-Featherstonehaugh",
    "ci-" * 60,
    f"https://runbooks.example.com/{'very-' * 20}long",
    "x" * 199,
)
WINDOW = {"start": "2026-03-04T10:00", "end": "2026-03-05T10:00"}


def fill(runtime: Runtime, bob: Browser, words: Words) -> list[str]:
    """Put something on every page, by the forms of an admin. Gives the address of each."""
    tell(runtime, words.change, author=words.author, source=words.source)
    details = {"trace": "x" * 300, "host": "db-7"}
    number = fire(runtime, words.alert, links=[{"href": words.link}], details=details)
    deliver(runtime, number)
    with runtime.database.transaction() as session:
        alice, himself = person(session, "alice"), person(session, "bob")
        alice.name, himself.name = words.alice, words.bob
        method = str(session.exec(select(ContactMethod.id).where(ContactMethod.user_id == himself.id)).first())
        turns = {"name": "weeks", "members": ["bob", "alice"], "start": "2026-03-09T00:00", "shift": "1 week"}
        schedule = {"name": words.schedule, "timezone": "UTC", "levels": ["L1"], "rotations": [turns]}
        suppressing = {"name": words.schedule, "when": [{"field": "summary", "equals": words.alert}], "suppress": True}
        key = {"name": "everything", "tool": "generic", "service": "web", "key": "key-of-dev", "rules": [suppressing]}
        team = {"name": "dev", "members": ["alice"], "managers": ["bob"], "integration_keys": [key]}
        team["contact_methods"] = [{"name": words.schedule[:60], "kind": "webhook", "address": words.link}]
        beat = {"name": "nightly-backup", "service": "web", "every": "24h", "description": words.reason}
        given = {"schedules": [schedule], "teams": [team], "heartbeats": [beat]}
        apply(session, Config.model_validate(given), runtime.clock())
    bob.client.post("/ingest/generic/key-of-dev", json={"summary": words.alert})
    web = {"about": "service:web", "reason": words.reason, "end": "2026-03-02T23:00", "repeats": "weekly"}
    _do(bob, "/maintenance", "/maintenance", **web)
    _plan(bob, words)
    _do(bob, "/me", "/me/absences", reason=words.reason, **WINDOW)
    _do(bob, "/me", "/me/calendar")
    _do(bob, "/me/access", "/me/tokens", name=words.schedule)
    _do(bob, "/me/reached", "/me/rules", urgency="high", minutes="0", method_id=method)
    _do(bob, "/services/web", "/services/web/keys", name="events", tool="alertmanager")
    _do(bob, "/services/web/keys/events", "/services/web/keys/events/test", pages="yes")
    return [link(runtime, number) if path == ANSWER else path for path in PAGES]


def _plan(bob: Browser, words: Words) -> None:
    for form, fields in {
        "overrides": {"kind": "add", "person": "bob", "confirm": "yes"},
        "shadows": {"person": "alice"},
        "temporary": {"on L1": "bob", "note": words.reason, "confirm": "yes"},
        "subscribe": {},
    }.items():
        _do(bob, "/schedules/dev", f"/schedules/dev/{form}", level="L1", **WINDOW, **fields)
    shift = {"schedule": words.schedule, "level": "L1", "start": "2026-03-10T12:00Z", "end": "2026-03-11T12:00Z"}
    offer = f"/swaps/new?{urlencode(shift)}"
    _do(bob, offer, "/swaps", note=words.reason)


def _do(bob: Browser, path: str, action: str, **fields: str) -> None:
    page = bob.submit(path, action, **fields)
    assert 'class="said flash refused"' not in page, page.partition('class="said flash refused"')[2][:600]
    assert "aria-invalid" not in page, page.partition('class="wrong"')[2][:600]
