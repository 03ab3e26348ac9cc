"""What Prometheus sees of an alert that is paged and delivered, and who may look."""

import threading
from collections.abc import Callable
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from oncall.settings import Settings
from tests.cli.test_processes import said_until, started
from tests.processes import ask, environment
from tests.scenarios.world import ALICE, World

Figures = dict[tuple[str, ...], float]


def figures(text: str) -> Figures:
    """Each sample by its name and the values of its labels, in the order of their names."""
    families = text_string_to_metric_families(text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def scrape(world: World) -> Figures:
    world.clock.now = world.clock.now.replace(second=(world.clock.now.second + 4) % 60)  # past what is remembered
    return figures(world.client.get("/metrics").text)


def test_an_alert_is_counted_from_the_event_to_the_receipt(world: World) -> None:
    before = scrape(world)
    world.fire()
    (text,) = world.twilio.take_messages()
    during = scrape(world)
    world.twilio.deliver(text)
    world.reply(ALICE, "ack")
    after = scrape(world)

    def more(*name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more("oncall_events_total", "accepted", "pagerduty") == 1
    assert more("oncall_alerts_opened_total", "high") == 1
    assert more("oncall_pages_total", "high") == 1
    assert more("oncall_deliveries_total", "sms", "sent") == 1
    assert more("oncall_deliveries_total", "sms", "delivered") == 1
    assert more("oncall_event_to_request_seconds_count", "sms") == 1
    assert more("oncall_delivery_lateness_seconds_count", "sms") == 1
    assert more("oncall_provider_request_seconds_count", "sms", "accepted") == 1
    assert more("oncall_receipt_seconds_count", "sms") == 1
    assert more("oncall_ingest_commit_requests_count") == 1
    assert during["oncall_alerts", "triggered", "high"] == 1
    assert during["oncall_deliveries_live", "voice", "pending"] == 1
    assert after["oncall_alerts", "acknowledged", "high"] == 1
    assert after["oncall_database_up",] == 1


def test_an_event_that_is_refused_is_counted_as_such(world: World) -> None:
    name = ("oncall_events_total", "refused", "generic")
    before = scrape(world).get(name, 0)
    world.client.post("/ingest/generic/no-such-key", json={"summary": "Disk full"})
    assert scrape(world)[name] == before + 1


def test_the_lag_is_how_long_the_oldest_that_is_due_has_waited(world: World) -> None:
    world.fire()
    world.texts()
    assert scrape(world)["oncall_engine_lag_seconds", "alerts"] == 0
    world.clock.now = world.clock.now.replace(minute=30)  # and no engine passes
    lag = scrape(world)
    assert lag["oncall_engine_lag_seconds", "deliveries"] == 28 * 60 + 8  # the call was due at 09:02
    assert lag["oncall_engine_lag_seconds", "alerts"] == 25 * 60 + 8
    assert "oncall_engine_pass_age_seconds" not in lag
    world.settle()
    world.texts()
    world.calls()


def test_no_number_name_or_key_is_told(world: World) -> None:
    world.fire()
    said = world.client.get("/metrics").text
    assert "oncall_pages_total" in said
    assert [secret for secret in (ALICE, "alice", "Alice", "0123456789abcdef") if secret in said] == []
    world.texts()


def test_without_a_token_all_may_look_and_with_one_who_sends_it(world: World) -> None:
    assert world.client.head("/metrics").status_code == 200
    world.runtime.settings = world.settings.model_copy(update={"metrics_token": SecretStr("look-at-me")})
    refused = world.client.get("/metrics", headers={"Authorization": "Bearer look-at-you"})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert "ONCALL_METRICS_TOKEN" in refused.text
    assert world.client.get("/metrics", headers={"Authorization": "Bearer look-at-me"}).status_code == 200


def test_it_answers_while_the_database_is_away(world: World) -> None:
    world.settings.sqlite_file.rename(world.settings.sqlite_file.with_suffix(".away"))
    world.database.engine.dispose()
    seen = scrape(world)
    assert seen["oncall_database_up",] == 0
    assert seen["oncall_ingest_queue",] == 0
    world.database.engine.dispose()
    world.settings.sqlite_file.with_suffix(".away").rename(world.settings.sqlite_file)


def test_many_who_look_at_once_ask_the_database_once(world: World) -> None:
    vitals = {id(world.runtime.pulse.vitals())}
    threads = [threading.Thread(target=lambda: vitals.add(id(world.runtime.pulse.vitals()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(vitals) == 1


def test_an_engine_alone_tells_its_pulse_on_a_port_of_its_own(
    sqlite_settings: Settings, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    port = free_port()
    with started(["engine"], environment(sqlite_settings, engine_port=port), tmp_path) as process:
        said_until(process, "The engine is running")
        assert ask(port, "GET", "/health/live").status == 200
        assert ("oncall_sending",) in figures(ask(port, "GET", "/metrics").body.decode())
        assert ask(port, "POST", "/v2/enqueue", {}).status == 404
        process.terminate()
        assert process.wait(10) == 0
