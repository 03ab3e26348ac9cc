"""People in a file: contact methods, rules, what each chose; who has retired is in none."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from oncall.config.export import export, to_yaml
from oncall.errors import BadInput
from oncall.models import (
    NotificationRule,
    Role,
    User,
)
from oncall.people.people import find_user, restore
from tests.config.company import EXAMPLE, NOW, alice, applied, methods


def retire(company: Session, handle: str) -> None:
    user = company.exec(select(User).where(User.handle == handle)).one()
    user.retired_at, user.password_hash = NOW, "an old hash"
    company.add(user)
    company.flush()


def test_the_only_admin_stays_one_until_somebody_else_is(company: Session) -> None:
    with pytest.raises(BadInput) as refused:
        applied(company, "users: [{handle: alice, role: user}]")
    assert refused.value.problems == [
        "users[0].role (alice): would leave nobody who is an admin: make somebody else one as well"
    ]
    applied(company, "users: [{handle: alice, role: user}, {handle: bob, role: admin}]")
    assert [user.handle for user in export(company).users if user.role is Role.ADMIN] == ["bob"]


def test_a_country_is_kept_in_capitals_and_exported_and_taken_back(company: Session) -> None:
    assert applied(company, "users: [{handle: bob, country: no}]") == ["~ user bob: country nothing -> NO"]
    assert "country: 'NO'" in to_yaml(export(company))  # to other readers of YAML a bare NO is false
    assert applied(company, to_yaml(export(company))) == []

    assert applied(company, "users: [{handle: bob, country: null}]") == ["~ user bob: country NO -> nothing"]
    assert find_user(company, "bob").country is None


def test_what_somebody_wants_to_be_told_is_set_in_part_and_exported_and_taken_back(company: Session) -> None:
    assert applied(company, "users: [{handle: bob, notices: {ahead: 48h, weekly: true}}]") == [
        "~ user bob: notices.ahead 24h -> 48h",
        "~ user bob: notices.weekly false -> true",
    ]
    assert applied(company, "users: [{handle: bob, notices: {start: false}}]") == [
        "~ user bob: notices.start true -> false"
    ]
    bob = find_user(company, "bob")
    assert (bob.notice_ahead_hours, bob.notice_start, bob.notice_end, bob.notice_weekly) == (48, False, False, True)
    written = {user["handle"]: user for user in export(company).model_dump(mode="json")["users"]}
    assert written["bob"]["notices"] == {"ahead": "48h", "start": False, "weekly": True}
    assert "notices" not in written["alice"]
    assert applied(company, to_yaml(export(company))) == []


def test_quiet_hours_are_set_and_exported_and_taken_back(company: Session) -> None:
    nights = 'users: [{handle: bob, quiet_hours: {hours: "22:00-07:00"}}]'
    assert applied(company, nights) == ["~ user bob: quiet_hours nothing -> {hours: '22:00-07:00'}"]
    assert find_user(company, "bob").quiet_timezone is None  # his own
    assert applied(company, to_yaml(export(company))) == []
    assert applied(company, nights) == []
    assert applied(company, "users: [{handle: bob, quiet_hours: null}]") == [
        "~ user bob: quiet_hours {hours: '22:00-07:00'} -> nothing"
    ]
    assert find_user(company, "bob").quiet_hours is None


def test_a_retired_person_is_left_out_and_no_file_brings_them_back(company: Session) -> None:
    retire(company, "bob")

    assert "bob" not in to_yaml(export(company))
    assert applied(company, "users: [{handle: alice, name: Alice}]") == ["~ user alice: name Alice Archer -> Alice"]

    with pytest.raises(BadInput) as refusal:
        applied(company, "users: [{handle: carol, name: Carol}, {handle: bob, name: Bob Again}]")
    assert refusal.value.problems == [
        "users[1].handle (bob): bob has retired: leave them out, "
        "or bring them back first with “oncall user restore bob”"
    ]
    assert company.exec(select(User).where(User.handle == "bob")).one().retired_at == NOW


def test_who_was_brought_back_is_in_files_again_as_a_newcomer(company: Session) -> None:
    retire(company, "bob")
    later = NOW + timedelta(days=30)
    restore(company, find_user(company, "bob"), later)

    applied(company, "users: [{handle: bob, name: Bob Again}]", later)

    bob = find_user(company, "bob")
    assert (bob.name, bob.retired_at, bob.password_hash, bob.created_at) == ("Bob Again", None, None, later)


def test_another_address_has_to_be_verified_again(company: Session) -> None:
    applied(
        company,
        "users: [{handle: alice, contact_methods: [{name: mobile, address: '+12125550100'}, {name: call}]}]",
    )

    mobile, call = alice(company).contact_methods
    assert (mobile.address, mobile.verified) == ("+12125550100", False)
    assert (call.address, call.verified) == ("+12025550101", True)


def test_another_address_that_the_file_calls_verified_is(company: Session) -> None:
    later = NOW + timedelta(days=1)
    mobile = "{name: mobile, address: +12125550100, verified: true}"
    applied(company, f"users: [{{handle: alice, contact_methods: [{mobile}, {{name: call}}]}}]", later)
    assert methods(company)["mobile"].verified_at == later
    assert methods(company)["call"].verified_at == NOW


def test_a_number_disabled_by_its_carrier_stays_so_until_it_is_another(company: Session) -> None:
    methods(company)["mobile"].disabled_at = NOW
    applied(company, EXAMPLE)
    assert methods(company)["mobile"].disabled_at == NOW
    applied(company, "users: [{handle: alice, contact_methods: [{name: mobile, address: +12125550100}]}]")
    assert methods(company)["mobile"].disabled_at is None


def test_a_contact_method_that_disappears_takes_its_rules_along(company: Session) -> None:
    applied(company, "users: [{handle: alice, contact_methods: [{name: mobile}]}]")

    assert [method.name for method in alice(company).contact_methods] == ["mobile"]
    assert [rule.contact_method for rule in alice(company).notification_rules] == ["mobile", "mobile"]
    assert len(company.exec(select(NotificationRule)).all()) == 2


def test_rules_keep_the_order_of_the_file(company: Session) -> None:
    rules = "[{urgency: low, contact_method: call}, {urgency: high, after: 90s, contact_method: mobile}]"
    text = f"users: [{{handle: alice, notification_rules: {rules}}}]"

    applied(company, text)

    found = [(str(rule.urgency), rule.contact_method) for rule in alice(company).notification_rules]
    assert found == [("low", "call"), ("high", "mobile")]
    assert applied(company, text) == []
