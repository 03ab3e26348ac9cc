"""A web company as a config: 150 engineers who deploy all day, four schedules, everything invented.

Phone numbers are of the range 555-0100 to 555-0199, which North American carriers keep free for fiction. Integration
keys are not given: the first `apply` generates them, later ones leave them alone.
"""

from oncall.config.policy_forms import PolicyForm, StepForm
from oncall.config.schema import (
    Config,
    ContactMethodForm,
    MemberRule,
    RotationForm,
    RuleForm,
    ScheduleForm,
    TeamForm,
    UserForm,
)
from oncall.config.service_forms import IntegrationKeyForm, ServiceForm
from oncall.models import Role, Urgency

ZONE = "America/New_York"
SPECIALISTS = {"ops": 8, "payments": 6, "support": 6}
"""Schedules with listed members, and how many they have; the other 130 people take turns in dev."""
TURNS = {
    "ops": ("2026-01-05T10:00", "1 week"),
    "payments": ("2026-01-07T10:00", "1 week"),
    "support": ("2026-01-06T09:00", "3 days"),
}
"""When their turns begin, and how long they last."""
SERVICES = {
    "dev": ("web", "The application that 60 deploys a day go to"),
    "ops": ("infrastructure", "Hosts, networks, databases and queues"),
    "payments": ("payments-api", "Cards, payouts and refunds"),
    "support": ("helpdesk", "What members of the site report"),
}
FIRST_NAMES = """
Alice Bob Charlie Amara Mateo Priya Kenji Fatima Lars Mei Diego Aisha Tomas Yuki Nadia Omar Ingrid Rafael Anika Kofi
Elena Hassan Sofia Dmitri Leila Marco Chidi Freya Arjun Camila Ivan Zara Henrik Noor Paulo Sana Emil Adaeze Jin Maya
Viktor Imani Luca Rosa Tariq Hana Stefan Lucia Kwame Astrid Ravi Ines Pavel Yara Bruno Keiko Samir Greta Andre Divya
Milan Thandi Oscar Lin Farid Clara Jonas Asha Nikolai Paloma Idris Sakura Felix Zainab Hugo Meera Anton Amina Bjorn Xin
Carlos Ruth Sven Kavita Jamal Teresa Igor Naomi Sanjay Wanjiru Otto Mariam Gabriel Suki Aleksei Nia Pedro Heidi Vikram
Joy Mikael Salma Ruben Akiko Tunde Vera Nikhil Esther Karim Petra Daniel Lakshmi Moses Elif Simon Ximena Rashid Olga
Theo Parisa Emeka Julia Anders Nasreen Victor Wei Isabel Kamau Linnea Rohan Beatriz Yusuf Marta Dae Gloria Levi Shreya
Malik Katya Aaron Sunita Philip Zuri Nora Ismail Eva Kiran Abel Tala Wim
""".split()  # noqa: SIM905 - easier to read than 150 quoted names
LAST_NAMES = """
Archer Baker Cohen Okafor Garcia Sharma Tanaka Haddad Berg Chen Morales Bello Novak Sato Petrov Farouk Lund Costa Menon
Mensah Rossi Khan Silva Volkov Rahimi Ferrari Eze Dahl Patel Torres Horvat
""".split()  # noqa: SIM905 - easier to read than 150 quoted names
ZONES = {3: "America/Los_Angeles", 9: "America/Chicago", 15: "Europe/Dublin", 18: "Europe/Berlin"}
"""Of every 20 people, those who live elsewhere than in ZONE."""
COUNTRY = "US-NY"
COUNTRIES = {3: "US-CA", 9: "US-IL", 15: "IE", 18: "DE-BE"}
"""And whose holidays they have."""
EXPERIENCED_EVERY = 6
"""Of the developers in dev's rotation one in so many has been on call before: 22 of 130."""
ADMIN = "alice"
AREA_CODES = ("202", "212", "312", "415")


def demo_config(*, with_keys: bool = True) -> Config:
    """Always the same, so that a second `apply` changes nothing.

    `with_keys`: what a config lists is all there is; without, keys that were made since are left as they are.
    """
    members = _members()
    people = [(handle, schedule) for schedule, handles in members.items() for handle in handles]
    return Config(
        users=[_user(number, handle, schedule) for number, (handle, schedule) in enumerate(people)],
        teams=[TeamForm(name=name, members=handles, managers=handles[:1]) for name, handles in members.items()],
        schedules=[_dev(), *(_listed(name, members[name]) for name in SPECIALISTS)],
        escalation_policies=[_policy(name, manager) for name, (manager, *_) in members.items()],
        services=[_service(name, with_keys=with_keys) for name in members],
    )


def _members() -> dict[str, list[str]]:
    """The handles of each schedule's people."""
    handles = [name.lower() for name in FIRST_NAMES]
    members = {"dev": handles[: -sum(SPECIALISTS.values())]}
    rest = iter(handles[len(members["dev"]) :])
    return members | {name: [next(rest) for _ in range(count)] for name, count in SPECIALISTS.items()}


def _user(number: int, handle: str, schedule: str) -> UserForm:
    phone = f"+1{AREA_CODES[number // 100]}55501{number % 100:02d}"
    is_experienced = schedule != "dev" or number % EXPERIENCED_EVERY == 0
    return UserForm(
        handle=handle,
        name=f"{FIRST_NAMES[number]} {LAST_NAMES[number % len(LAST_NAMES)]}",
        email=f"{handle}@example.com",
        timezone=ZONES.get(number % 20, ZONE),
        country=COUNTRIES.get(number % 20, COUNTRY),
        role=Role.ADMIN if handle == ADMIN else Role.USER,
        tags=["developer"],
        experienced=[schedule] if is_experienced else [],
        contact_methods=[
            ContactMethodForm(name="mobile", kind="sms", address=phone, verified=True),
            ContactMethodForm(name="call", kind="voice", address=phone, verified=True),
        ],
        notification_rules=[
            RuleForm(urgency=Urgency.HIGH, after="0m", contact_method="mobile"),
            RuleForm(urgency=Urgency.HIGH, after="2m", contact_method="call"),
            RuleForm(urgency=Urgency.LOW, after="0m", contact_method="mobile"),
        ],
    )


def _dev() -> ScheduleForm:
    """Three days each for all developers who are not in another rotation; L1 if it's your first time."""
    rotation = RotationForm(
        name="developers",
        members=MemberRule(tagged=["developer"], not_in=list(SPECIALISTS)),
        start="2026-01-05T10:00",
        shift=["3 days"],
        first_shift_level="L1",
    )
    return ScheduleForm(name="dev", team="dev", timezone=ZONE, levels=["L1", "L2"], rotations=[rotation])


def _listed(name: str, handles: list[str]) -> ScheduleForm:
    start, shift = TURNS[name]
    rotation = RotationForm(name=name, members=handles, start=start, shift=[shift])
    return ScheduleForm(name=name, team=name, timezone=ZONE, levels=["L1", "L2"], rotations=[rotation])


def _policy(name: str, manager: str) -> PolicyForm:
    steps = [
        StepForm(page=[f"schedule:{name}/L1"], wait="5m"),
        StepForm(page=[f"schedule:{name}/L2"], wait="10m"),
        StepForm(page=[f"user:{manager}"], wait="15m"),
    ]
    return PolicyForm(name=name, repeat=2, fallback=f"user:{ADMIN}", steps=steps)


def _service(name: str, *, with_keys: bool) -> ServiceForm:
    service, description = SERVICES[name]
    keys = {"integration_keys": [IntegrationKeyForm(name="alertmanager", tool="alertmanager")]} if with_keys else {}
    return ServiceForm(name=service, description=description, team=name, escalation_policy=name, **keys)
