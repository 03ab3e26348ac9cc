"""CloudWatch over SNS, whole: one certificate is fetched, nothing unsigned is read, subscriptions are confirmed."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import CertificateBuilder, Name, random_serial_number
from sqlmodel import func, select

from oncall.ingest.sns_office import LARGEST, SnsOffice
from oncall.models import Alert, IntegrationKey
from oncall.settings import Settings
from tests.fake_amazon import TOPIC, VALID, FakeAmazon, certificate_of, fake_amazon
from tests.scenarios.world import World

ADDRESS = "/ingest/cloudwatch/cloudwatch-key"
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:orders"
ALARM = {"AlarmName": "orders", "NewStateValue": "ALARM", "AlarmArn": ARN}


@pytest.fixture
def amazon(tmp_path: Path) -> Iterator[FakeAmazon]:
    with fake_amazon(tmp_path) as amazon:
        yield amazon


@pytest.fixture
def world(sqlite_settings: Settings, amazon: FakeAmazon) -> Iterator[World]:
    with World(sqlite_settings) as world:
        world.runtime.sns = SnsOffice(world.clock, amazon.fetch)
        with world.database.transaction() as session:
            session.add(
                IntegrationKey(
                    service_id=1,
                    name="cloudwatch",
                    tool="cloudwatch",
                    key="cloudwatch-key",
                    options={"topic": TOPIC},
                    created_at=world.clock(),
                )
            )
        yield world


def send(world: World, body: bytes, address: str = ADDRESS) -> tuple[int, str]:
    """The status, and what was said."""
    answer = world.client.post(address, content=body, headers={"Content-Type": "text/plain; charset=UTF-8"})
    return answer.status_code, answer.json().get("detail", "")


def stored(world: World) -> int:
    count: int = world.ask(lambda session: session.exec(select(func.count()).select_from(Alert)).one())
    return count


@pytest.mark.parametrize("version", ["1", "2"])
def test_an_alarm_that_amazon_signed_opens_an_alert_and_its_end_resolves_it(
    world: World, amazon: FakeAmazon, version: str
) -> None:
    assert send(world, amazon.notification(ALARM, version)) == (202, "")
    assert (world.alert().dedup_key, world.alert().status) == (ARN, "triggered")
    assert send(world, amazon.notification(ALARM | {"NewStateValue": "OK"}, version)) == (202, "")
    assert world.alert().status == "resolved"
    assert amazon.asked == ["/SimpleNotificationService-0123456789abcdef.pem"]


def test_what_was_altered_is_refused(world: World, amazon: FakeAmazon) -> None:
    message = json.loads(amazon.notification(ALARM))
    for changed in (
        {"Message": "{}"},
        {"Subject": "x"},
        {"Signature": "bm8="},
        {"Signature": "?"},
        {"SignatureVersion": "1"},
    ):
        status, detail = send(world, json.dumps(message | changed).encode())
        assert (status, detail.split(":")[0]) == (403, "'Signature' does not fit the message")
    assert stored(world) == 0


def test_amazon_is_not_asked_for_strangers_or_another_topic(world: World, amazon: FakeAmazon) -> None:
    assert send(world, amazon.notification(ALARM), "/ingest/cloudwatch/nobodys")[0] == 404
    status, detail = send(world, amazon.notification(ALARM, TopicArn="arn:aws:sns:us-east-1:666:evil"))
    assert (status, detail) == (403, "'TopicArn' is not the topic that this key's option `topic` names.")
    assert amazon.asked == []


def test_another_topic_is_refused_once_the_certificate_is_known_too(world: World, amazon: FakeAmazon) -> None:
    assert send(world, amazon.notification(ALARM))[0] == 202
    assert send(world, amazon.notification(ALARM, TopicArn="arn:aws:sns:us-east-1:666:evil"))[0] == 403
    assert send(world, amazon.confirmation(TopicArn="arn:aws:sns:us-east-1:666:evil"))[0] == 403
    assert len(amazon.asked) == 1


def test_a_subscription_confirms_itself(world: World, amazon: FakeAmazon) -> None:
    assert send(world, amazon.confirmation()) == (202, "")
    assert amazon.asked[1:] == [f"/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37f"]
    assert stored(world) == 0


def test_one_that_amazon_did_not_sign_is_not_confirmed(world: World, amazon: FakeAmazon) -> None:
    altered = json.loads(amazon.confirmation()) | {"Token": "another"}
    assert send(world, json.dumps(altered).encode())[0] == 403
    assert amazon.asked == ["/SimpleNotificationService-0123456789abcdef.pem"]


def test_while_amazon_can_not_be_asked_nothing_is_taken_and_it_may_be_sent_again(
    world: World, amazon: FakeAmazon
) -> None:
    for amazon.status in (500, 302, 404):
        status, detail = send(world, amazon.notification(ALARM))
        assert (status, detail.split(".")[0]) == (503, "Amazon SNS could not be asked whether this message is its own")
    assert stored(world) == 0
    amazon.status = 200
    assert send(world, amazon.notification(ALARM))[0] == 202


@pytest.mark.parametrize("answer", [b"", b"<html>", b"x" * (LARGEST + 1)])
def test_what_is_no_certificate_is_not_believed(world: World, amazon: FakeAmazon, answer: bytes) -> None:
    amazon.certificate = answer
    assert send(world, amazon.notification(ALARM))[0] == 503
    assert stored(world) == 0


def test_a_certificate_out_of_date_or_of_another_key_is_not_believed(world: World, amazon: FakeAmazon) -> None:
    past = VALID[0], datetime(2026, 1, 1, tzinfo=UTC)
    for certificate in (
        certificate_of(amazon.key, past),
        certificate_of(generate_private_key(65537, 2048)),
        elliptic(),
    ):
        world.runtime.sns = SnsOffice(world.clock, amazon.fetch)
        amazon.certificate = certificate
        assert send(world, amazon.notification(ALARM))[0] == 403
    assert stored(world) == 0


def elliptic() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = CertificateBuilder(Name([]), Name([]), key.public_key(), random_serial_number(), *VALID)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def test_many_at_once_ask_for_the_certificate_once(world: World, amazon: FakeAmazon) -> None:
    body = amazon.notification(ALARM)
    with ThreadPoolExecutor(8) as pool:
        assert {status for status, _ in pool.map(lambda _: send(world, body), range(24))} == {202}
    assert len(amazon.asked) == 1
    assert world.alert().event_count == 24
