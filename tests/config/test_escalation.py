"""Of escalation, a file says all there is, is given back as it was, and changes no policy row."""

from sqlmodel import Session, select

from oncall.config.export import export, to_yaml
from oncall.config.load import load
from oncall.models import EscalationPolicy, RoundRobinTurn, Service, TeamContactMethod, User
from tests.config.company import applied

WARROOM = """
teams:
  - {name: dev, contact_methods: [{name: "#warroom", kind: slack, address: C0WARROOM}]}
"""
POLICY = """
escalation_policies:
  - name: dev
    acknowledge_timeout: 30m
    steps:
      - {page: ["team:dev/#warroom", "team:dev"], wait: 5m, acknowledgements: 2}
      - {page: ["team:dev"], wait: 5m, round_robin: true}
"""
HOURS = """
services:
  - {name: web, support_hours: {hours: "Mon-Fri 09:00-17:00", timezone: Europe/Paris, outside: low}}
"""


def test_all_of_it_is_applied_given_back_and_the_second_time_nothing(company: Session) -> None:
    assert applied(company, WARROOM + POLICY + HOURS) == [
        "~ team dev: contact_methods[#warroom] added: {name: '#warroom', kind: slack, address: …}",
        "~ escalation policy dev: acknowledge_timeout nothing -> 30m",
        "~ escalation policy dev: steps removed: {page: ['schedule:dev/L1'], wait: 5m}",
        "~ escalation policy dev: steps removed: {page: ['schedule:dev/L2'], wait: 10m}",
        "~ escalation policy dev: steps removed: {page: ['team:dev'], wait: 15m}",
        "~ escalation policy dev: steps added: "
        "{page: ['team:dev/#warroom', 'team:dev'], wait: 5m, acknowledgements: 2}",
        "~ escalation policy dev: steps added: {page: ['team:dev'], wait: 5m, round_robin: true}",
        "~ service web: support_hours nothing -> {hours: 'Mon-Fri 09:00-17:00', timezone: Europe/Paris}",
    ]
    config = export(company)
    assert load(to_yaml(config)) == config
    assert applied(company, WARROOM + POLICY + HOURS) == []


def test_a_policy_row_never_changes_and_turns_go_on_in_the_new_one(company: Session) -> None:
    applied(company, WARROOM + POLICY)
    old = company.exec(select(EscalationPolicy).where(EscalationPolicy.replaced_at == None)).one()  # noqa: E711
    bob = company.exec(select(User.id).where(User.handle == "bob")).one()
    company.add(RoundRobinTurn(policy_id=old.id, step=1, user_id=bob, number=4))
    company.flush()
    before = old.model_dump(exclude={"replaced_at"})

    applied(company, "escalation_policies: [{name: dev, acknowledge_timeout: 1h}]")

    assert company.get_one(EscalationPolicy, before["id"]).model_dump(exclude={"replaced_at"}) == before
    new = company.exec(select(EscalationPolicy).where(EscalationPolicy.replaced_at == None)).one()  # noqa: E711
    assert (new.acknowledge_timeout_seconds, before["acknowledge_timeout_seconds"]) == (3600, 1800)
    turns = company.exec(select(RoundRobinTurn).where(RoundRobinTurn.policy_id == new.id)).all()
    assert [(turn.step, turn.user_id, turn.number) for turn in turns] == [(1, bob, 4)]


def test_an_address_is_changed_and_taken_away(company: Session) -> None:
    applied(company, WARROOM)
    (before,) = company.exec(select(TeamContactMethod.id)).all()

    applied(company, WARROOM.replace("C0WARROOM", "C0PEACE00"))
    (method,) = company.exec(select(TeamContactMethod)).all()
    assert (method.id, method.address) == (before, "C0PEACE00")

    applied(company, "teams: [{name: dev, contact_methods: []}]")
    assert company.exec(select(TeamContactMethod)).all() == []


def test_urgency_by_service_is_set_and_taken_back(company: Session) -> None:
    applied(company, "services: [{name: web, urgency: low}]")
    assert company.exec(select(Service.urgency)).one() == "low"
    assert "urgency: low" in to_yaml(export(company))

    applied(company, HOURS.replace("{name: web,", "{name: web, urgency: severity,"))
    applied(company, "services: [{name: web, support_hours: null}]")

    assert company.exec(select(Service)).one().support_hours is None
    assert "urgency" not in to_yaml(export(company)).split("services:")[1]


def test_what_flapping_is_for_a_service_is_set_and_taken_back(company: Session) -> None:
    applied(company, "services: [{name: web, flapping: {times: 0}}]")
    assert "flapping: {times: 0}" in to_yaml(export(company))
    applied(company, "services: [{name: web, flapping: {stays: 2m}}]")
    assert company.exec(select(Service)).one().flapping == {"times": 4, "within_seconds": 600, "stays_seconds": 120}

    applied(company, "services: [{name: web, flapping: null}]")
    assert company.exec(select(Service)).one().flapping is None
    assert "flapping" not in to_yaml(export(company))
