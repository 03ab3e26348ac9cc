"""How the caller is reached: quiet hours, and contact methods tried out."""

from tests.web.api.conftest import Caller

METHODS = "/users/me/contact-methods"


def test_quiet_hours_are_set_shown_and_taken_back(bob: Caller, carol: Caller) -> None:
    wanted = {"hours": "Mon-Fri 22:00-07:00, Sat, Sun", "timezone": "Europe/Berlin"}
    assert bob.patch("/users/me", {"quiet_hours": wanted}).json()["quiet_hours"] == wanted
    assert bob.patch("/users/me", {"notices": {"end": True}}).json()["quiet_hours"] == wanted
    assert carol.get("/users/bob").json()["quiet_hours"] is None  # they are his alone
    none = {"hours": None, "timezone": None}
    assert bob.patch("/users/me", {"quiet_hours": {"hours": None}}).json()["quiet_hours"] == none


def test_quiet_hours_that_can_not_be_meant_are_refused_and_not_stored(bob: Caller) -> None:
    whole = bob.patch("/users/me", {"quiet_hours": {"hours": "00:00-24:00"}})
    assert (whole.status_code, whole.json()["field"]) == (400, "hours")
    assert "is the whole week: leave some time" in whole.json()["detail"]
    nowhere = bob.patch("/users/me", {"quiet_hours": {"hours": "22:00-07:00", "timezone": "Berlin"}})
    assert (nowhere.status_code, nowhere.json()["field"]) == (400, "timezone")
    assert bob.get("/users/me").json()["quiet_hours"]["hours"] is None


def test_a_contact_method_is_tried_out_by_its_owner(bob: Caller, carol: Caller) -> None:
    (mobile,) = bob.items(METHODS)
    test = f"{METHODS}/{mobile['id']}/test"
    assert "has not been tried out" in bob.get(test).json()["detail"]
    sent = bob.post(test)
    assert (sent.status_code, sent.json()["state"]) == (202, "pending")
    assert bob.get(test).json() == sent.json()
    assert carol.post(test).status_code == 404
