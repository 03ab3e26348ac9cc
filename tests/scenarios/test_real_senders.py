"""Real programs that post to their own address of ours: Prometheus through its alert API, Apprise by `json://`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import apprise
import pytest
from sqlmodel import col, select

from oncall.models import Alert
from oncall.running.runtime import Runtime, build_runtime
from oncall.settings import Settings
from tests.application import listening
from tests.processes import running, wait_for, wait_until_ready
from tests.scenarios.world import COMPANY, set_up
from tests.system import needs
from web.app import create_app

KEYS = COMPANY.replace(
    "    integration_keys:\n",
    """    integration_keys:
      - {name: metrics, tool: prometheus, key: key-of-prometheus}
      - {name: scripts, tool: generic, key: key-of-generic}
""",
)
PROMETHEUS = """
global: {scrape_interval: 200ms, evaluation_interval: 200ms, external_labels: {cluster: test}}
rule_files: [rules.yml]
scrape_configs:
  - {job_name: shop, static_configs: [{targets: ["%s"]}]}
alerting:
  alertmanagers:
    - {path_prefix: /ingest/prometheus/key-of-prometheus, static_configs: [{targets: ["%s"]}]}
"""
RULES = """
groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: up{job="shop"} == 0
        labels: {severity: critical}
        annotations: {summary: "The shop at {{ $labels.instance }} is down"}
"""


@contextmanager
def prometheus(folder: Path, own_port: int, shop: str, oncall: str) -> Iterator[None]:
    (folder / "prometheus.yml").write_text(PROMETHEUS % (shop, oncall))
    (folder / "rules.yml").write_text(RULES)
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'metrics'}",
        f"--web.listen-address=127.0.0.1:{own_port}",
        "--rules.alert.resend-delay=200ms",
        "--log.level=error",
    ]
    with running(command, {}, folder):
        wait_until_ready(own_port, "/-/ready")
        yield


@contextmanager
def shop(place: str) -> Iterator[None]:
    """What Prometheus scrapes; it is down until it is opened."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 20

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(b"orders 1\n")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", int(place.split(":")[1])), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def runtime(sqlite_settings: Settings) -> Iterator[Runtime]:
    """With the real clock, which is the senders' too; nobody is paged."""
    runtime = build_runtime(sqlite_settings, with_engine=False)
    set_up(runtime.database, KEYS)
    runtime.start()
    yield runtime
    runtime.stop()


def alerts(runtime: Runtime) -> list[Alert]:
    with runtime.database.read() as session:
        return list(session.exec(select(Alert).order_by(col(Alert.id))).all())


@needs("prometheus")
def test_prometheus_itself_opens_an_alert_keeps_it_and_resolves_it(
    runtime: Runtime, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    place = f"127.0.0.1:{free_port()}"
    with listening(create_app(runtime)) as url, prometheus(tmp_path, free_port(), place, urlsplit(url).netloc):
        wait_for(lambda: any(alert.event_count >= 2 for alert in alerts(runtime)))  # it says so again and again
        with shop(place):
            wait_for(lambda: alerts(runtime)[0].status == "resolved")
    (alert,) = alerts(runtime)
    assert alert.summary == f"The shop at {place} is down"
    assert alert.dedup_key == f"alertname=ShopDown&cluster=test&instance={place}&job=shop&severity=critical"
    assert (alert.severity, alert.source) == ("critical", place)


def test_apprise_posts_json_to_the_generic_tool(runtime: Runtime) -> None:
    with listening(create_app(runtime)) as url:
        sender = apprise.Apprise()
        assert sender.add(f"{url.replace('http', 'json')}/ingest/generic/key-of-generic")
        assert sender.notify(title="Backup failed", body="No space left on db1", notify_type=apprise.NotifyType.FAILURE)
    (alert,) = alerts(runtime)
    assert (alert.summary, alert.status) == ("Backup failed", "triggered")
