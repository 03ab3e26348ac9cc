"""Services made and edited in a form, with what the form does not show left alone."""

import re

from sqlmodel import select

from oncall.models import IntegrationKey, Service, ServiceDependency
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import NOW

EDITOR = "/service-editor"


def service(runtime: Runtime, name: str) -> Service:
    with runtime.database.read() as session:
        return session.exec(select(Service).where(Service.name == name)).one()


def test_a_new_service_leads_to_its_page(bob: Browser, runtime: Runtime) -> None:
    page = bob.submit(EDITOR, EDITOR, name="payments", escalation_policy="dev", urgency="high", depends_on="web")

    assert "Connect a tool to it next" in page
    assert service(runtime, "payments").urgency == "high"
    with runtime.database.read() as session:
        assert session.exec(select(ServiceDependency)).one().depends_on_id == service(runtime, "web").id


def test_an_edit_changes_what_it_says_and_keeps_the_rest(bob: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        web = session.exec(select(Service).where(Service.name == "web")).one()
        web.flapping = {"times": 9, "within_seconds": 60, "stays_seconds": 60}
        session.add(
            IntegrationKey(service_id=web.id or 0, name="scripts", tool="generic", key="k" * 20, created_at=NOW)
        )
    form = bob.forms(f"{EDITOR}?name=web")[EDITOR]
    assert "k" * 20 not in form["base"]

    given = {
        "urgency": "severity",
        "support_hours.hours": "Mon-Fri 09:00-17:00",
        "support_hours.during": "high",
        "auto_resolve": "2h",
    }
    bob.submit(
        f"{EDITOR}?name=web",
        EDITOR,
        escalation_policy="dev",
        description="The shop",
        **given,
        **{"support_hours.outside": "low"},
    )

    web = service(runtime, "web")
    assert (web.description, web.auto_resolve_seconds, web.flapping and web.flapping["times"]) == ("The shop", 7200, 9)
    assert web.support_hours
    assert web.support_hours["timezone"] == "America/New_York"
    with runtime.database.read() as session:
        assert session.exec(select(IntegrationKey)).one().revoked_at is None


def test_what_is_wrong_is_said_beside_it_and_nothing_is_kept(bob: Browser, runtime: Runtime) -> None:
    form = bob.forms(f"{EDITOR}?name=web")[EDITOR]
    given = {"escalation_policy": "dev", "urgency": "severity", "description": "The shop", "auto_resolve": "soon"}

    answer = bob.post(EDITOR, **(form | given))

    assert answer.status_code == 400
    assert 'aria-describedby="wrong-auto_resolve hint-auto_resolve"' in answer.text
    assert ">The shop</textarea>" in answer.text
    assert service(runtime, "web").description == ""


def test_the_second_of_two_who_edit_sees_what_the_first_did(bob: Browser) -> None:
    given = {"escalation_policy": "dev", "urgency": "severity"}
    second = bob.forms(f"{EDITOR}?name=web")[EDITOR] | given
    bob.submit(f"{EDITOR}?name=web", EDITOR, **given, description="The shop")

    answer = bob.post(EDITOR, **second)

    assert answer.status_code == 409
    assert "description: nothing → The shop" in answer.text


def test_flapping_and_grouping_are_set_and_taken_away_again(bob: Browser, runtime: Runtime) -> None:
    given = {"escalation_policy": "dev", "urgency": "severity"}
    set_ = {"flapping.times": "2", "grouping.labels": "alertname, cluster"}
    bob.submit(f"{EDITOR}?name=web", EDITOR, **given, **set_)

    web = service(runtime, "web")
    assert web.flapping == {"times": 2, "within_seconds": 600, "stays_seconds": 300}
    assert web.grouping == {"labels": ["alertname", "cluster"]}
    assert "alertname, cluster" in bob.open(f"{EDITOR}?name=web")

    emptied = dict.fromkeys(("flapping.times", "flapping.within", "flapping.stays", "grouping.labels"), "")
    bob.submit(f"{EDITOR}?name=web", EDITOR, **given, **emptied)
    web = service(runtime, "web")
    assert (web.flapping, web.grouping) == (None, None)


def test_grouping_goes_by_one_thing(bob: Browser) -> None:
    form = bob.forms(EDITOR)[EDITOR] | {"name": "shop", "escalation_policy": "dev", "urgency": "severity"}

    answer = bob.post(
        EDITOR, **(form | {"grouping.labels": "host", "grouping.within": "5m", "flapping.times": "often"})
    )

    assert 'id="wrong-grouping"' in answer.text
    assert 'id="wrong-flapping.times"' in answer.text
    assert answer.text.count("Nothing is saved yet") == 1


def test_a_name_that_is_taken_is_said_beside_it_and_what_was_typed_stays(bob: Browser) -> None:
    form = bob.forms(EDITOR)[EDITOR] | {"name": "web", "escalation_policy": "dev", "urgency": "severity"}

    answer = bob.post(EDITOR, **(form | {"description": "The shop"}))

    assert answer.status_code == 409
    assert 'id="wrong-name"' in answer.text
    assert ">The shop</textarea>" in answer.text
    assert 'name="name" value="web"' in answer.text


def test_others_neither_see_the_form_nor_use_it(alice: Browser) -> None:
    alice.open(f"{EDITOR}?name=web", status=403)
    alice.open(EDITOR, status=403)
    assert "/service-editor" not in alice.open("/services") + alice.open("/services/web")


def opened(page: str) -> list[str]:
    """What is folded out, by its title."""
    folds = re.findall(r'<details class="[^"]*fold[^"]*" (open)?>\s*<summary[^>]*>(.*?)</summary>', page, re.DOTALL)
    return [re.sub(r"<[^>]*>.*", "", summary.replace("<span><h2>", "")) for is_open, summary in folds if is_open]


def test_what_few_need_is_folded_away_with_what_holds_without_it(bob: Browser) -> None:
    page = bob.open(EDITOR)

    assert opened(page) == []
    assert "Each problem that a tool reports is an alert of its own." in page
    assert "What comes and goes 4 times within 10m pages once." in page
    assert "dev: first whoever is L1 on dev" in page


def test_what_is_not_as_usual_is_folded_out(bob: Browser) -> None:
    given = {"escalation_policy": "dev", "urgency": "severity", "depends_on": "shop"}
    bob.submit(EDITOR, EDITOR, name="shop", escalation_policy="dev", urgency="high")
    support = {"hours": "Mon-Fri 09:00-17:00", "during": "high", "outside": "low"}
    given |= {f"support_hours.{name}": value for name, value in support.items()}
    bob.submit(f"{EDITOR}?name=web", EDITOR, **given, auto_resolve="4h")

    page = bob.open(f"{EDITOR}?name=web")

    assert opened(page) == ["Differently by day and by night", "When alerts end by themselves", "Less noise"]
