"""Overrides on a schedule's page: made, refused with what was typed, taken back."""

import html
import re
from secrets import token_hex

from sqlmodel import select

from oncall.models import Override, Schedule
from oncall.running.runtime import Runtime
from tests.web.pages.browser import Browser
from tests.web.pages.conftest import NOW


def test_an_override_is_added_on_the_schedules_clock_and_taken_back(alice: Browser, runtime: Runtime) -> None:
    page = alice.submit(
        "/schedules/dev",
        "/schedules/dev/overrides",
        level="L1",
        person="alice",
        start="2026-03-04T10:00",
        end="2026-03-04T12:00",
    )
    assert "Alice Archer takes L1 of dev from Wed 4 Mar 10:00 to Wed 4 Mar 12:00, Berlin time." in page
    assert "by an override" in page
    with runtime.database.read() as session:
        override = session.exec(select(Override)).one()
    assert override.starts_at.isoformat() == "2026-03-04T09:00:00+00:00"

    page = alice.submit("/schedules/dev", f"/schedules/dev/overrides/{override.id}/delete")
    assert "the rotation applies again" in page
    assert "by an override" not in page


def test_a_page_that_was_open_for_long_takes_back_no_other_override(alice: Browser, runtime: Runtime) -> None:
    shift = {"level": "L1", "person": "alice", "start": "2026-03-04T10:00", "end": "2026-03-04T12:00"}
    alice.submit("/schedules/dev", "/schedules/dev/overrides", **shift)
    delete = "/schedules/dev/overrides/1/delete"
    seen = alice.forms("/schedules/dev")[delete]
    alice.post(delete, **seen)
    alice.submit("/schedules/dev", "/schedules/dev/overrides", **shift | {"end": "2026-03-04T18:00"})

    assert alice.post(delete, **seen).status_code == 404
    with runtime.database.read() as session:
        assert session.exec(select(Override.id)).all() == [2]


def test_an_override_that_makes_no_sense_is_refused_with_a_sentence(alice: Browser) -> None:
    good = {"level": "L1", "person": "alice", "start": "2026-03-04T10:00", "end": "2026-03-04T12:00"}
    for bad, sentence in [
        ({"end": "2026-03-04T09:00"}, "ends before it starts"),
        ({"person": ""}, "Choose who comes on."),
        ({"kind": "remove"}, "nobody comes on by this"),
        ({"kind": "add", "replaces": "bob"}, "by this nobody goes off"),
        ({"person": "zoe"}, "Choose people from the lists."),
        ({"level": "L9"}, "has no level L9"),
        ({"start": "soon"}, "Say when the override starts"),
        ({"start": "9998-03-04T10:00", "end": "9998-03-05T10:00"}, "too far away"),
        ({"start": "9999-12-31T23:58", "end": "9999-12-31T23:59"}, "too far away"),
        ({"start": "2026-03-01T10:00"}, "starts in the past"),
        ({"start": "2026-03-29T02:30", "end": "2026-03-29T05:00"}, "02:30 is skipped on that day"),
    ]:
        assert sentence in alice.submit("/schedules/dev", "/schedules/dev/overrides", **(good | bad))


def test_a_refused_override_is_still_in_its_form_to_be_mended(bob: Browser) -> None:
    typed = {
        "level": "L2",
        "kind": "add",
        "person": "alice",
        "replaces": "vera",
        "start": "2026-03-04T10:00",
        "end": "2026-03-04T09:00",
    }

    page = bob.submit("/schedules/dev", "/schedules/dev/overrides", **typed)

    form = page.partition('id="add-override"')[2].partition("</form>")[0]
    assert re.findall(r"<option (?:value=\"(\w+)\" )?selected>(?:(L\d)<)?", form) == [
        ("", "L2"),
        ("add", ""),
        ("alice", ""),
        ("vera", ""),
    ]
    assert re.findall(r'type="datetime-local" name="\w+" value="([^"]+)"', form) == [typed["start"], typed["end"]]
    assert "selected" not in bob.open("/schedules/dev")  # said once


def test_what_was_typed_into_a_form_may_be_too_much_to_keep(bob: Browser) -> None:
    """Then it is given back to be copied."""
    begun, noise = bob.forms("/schedules/dev")["/schedules/dev/temporary"], token_hex(6_000)
    page = bob.post("/schedules/dev/temporary", **begun | {"note": noise, "start": "soon"})

    assert page.status_code == 400
    assert "Say when the window starts" in page.text
    assert f"readonly>{noise}</textarea>" in page.text
    assert 'href="/schedules/dev#temporary">Back to the form' in page.text


def test_nobody_is_put_on_call_by_a_colleague(alice: Browser, bob: Browser) -> None:
    shift = {"level": "L1", "start": "2026-03-04T10:00", "end": "2026-03-04T12:00"}
    form = alice.forms("/schedules/dev")["/schedules/dev/overrides"]

    answer = alice.post("/schedules/dev/overrides", **(form | shift | {"person": "bob"}))

    assert answer.status_code == 403
    assert "Only Bob Baker, a manager of the team or an admin" in html.unescape(answer.text)
    page = bob.submit("/schedules/dev", "/schedules/dev/overrides", **(shift | {"person": "alice"}))
    assert "Alice Archer takes L1" in page


def test_an_override_is_taken_back_only_at_the_address_of_its_schedule(bob: Browser, runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        session.add(Schedule(name="other", timezone="UTC", levels=["L1"], created_at=NOW))
    shift = {"level": "L1", "person": "bob", "start": "2026-03-04T10:00", "end": "2026-03-04T12:00", "confirm": "yes"}
    bob.submit("/schedules/dev", "/schedules/dev/overrides", **shift)
    form = bob.forms("/schedules/dev")["/schedules/dev/overrides/1/delete"]

    answer = bob.post("/schedules/other/overrides/1/delete", **form)

    assert answer.status_code == 404
    assert "Schedule other has no override 1." in answer.text
    with runtime.database.read() as session:
        assert session.exec(select(Override)).one()


def test_a_viewer_sees_overrides_but_no_form(vera: Browser) -> None:
    assert list(vera.forms("/schedules/dev")) == []


def test_the_form_offers_only_whom_one_may_put_on_call(alice: Browser, bob: Browser) -> None:
    page = alice.open("/schedules/dev")
    assert offered(page) == ["alice"]
    assert "ask a manager of the team or an admin" in page
    assert "alice" in offered(bob.open("/schedules/dev"))


def offered(page: str) -> list[str]:
    """The people who may come on."""
    choices = page.partition('name="person"')[2].partition("</select>")[0]
    return re.findall(r'<option value="(\w+)"', choices)
