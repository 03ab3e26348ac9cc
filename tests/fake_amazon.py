"""Amazon SNS on this machine, over TLS: its signing certificate, its confirmations, and messages that it signed.

`fetch` is ours but for the place it connects to: TLS, time-outs and limits are those of the real one.
"""

import base64
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from notifiers.public_http import anywhere
from oncall.ingest import sns_office

HOST = "https://sns.us-east-1.amazonaws.com"
CERTIFICATE_URL = f"{HOST}/SimpleNotificationService-0123456789abcdef.pem"
TOPIC = "arn:aws:sns:us-east-1:123456789012:oncall"
VALID = datetime(2020, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)

_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")


@dataclass
class FakeAmazon:
    port: int
    ca_file: Path
    key: RSAPrivateKey
    certificate: bytes
    """What it answers where its signing certificate is."""
    status: int = 200
    asked: list[str] = field(default_factory=list)
    """The paths, in order."""

    def fetch(self, url: str) -> bytes:
        return sns_office.fetch(url.replace(HOST, f"https://127.0.0.1:{self.port}"), anywhere, str(self.ca_file))

    def notification(self, message: Mapping[str, object] | str, version: str = "2", **changed: str) -> bytes:
        text = message if isinstance(message, str) else json.dumps(message)
        return self._signed({"Type": "Notification", "Message": text, "Subject": "ALARM"} | changed, version)

    def confirmation(self, version: str = "2", **changed: str) -> bytes:
        fields = {
            "Type": "SubscriptionConfirmation",
            "Message": f"You have chosen to subscribe to the topic {TOPIC}.",
            "Token": "2336412f37f",
            "SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37f",
        }
        return self._signed(fields | changed, version)

    def _signed(self, fields: dict[str, str], version: str) -> bytes:
        fields = {
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Timestamp": "2026-11-23T14:00:00.000Z",
            **fields,
        }
        names = _NOTIFICATION if fields["Type"] == "Notification" else _CONFIRMATION
        text = "".join(f"{name}\n{fields[name]}\n" for name in names if name in fields)
        signature = self.key.sign(text.encode(), PKCS1v15(), SHA1() if version == "1" else SHA256())
        fields |= {"SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}
        return json.dumps({"SigningCertURL": CERTIFICATE_URL} | fields).encode()


@contextmanager
def fake_amazon(folder: Path) -> Iterator[FakeAmazon]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 20

        def do_GET(self) -> None:
            amazon.asked.append(self.path)
            body = amazon.certificate if self.path.endswith(".pem") else b"<ConfirmSubscriptionResponse/>"
            self.send_response(amazon.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    key = _key()
    ca_file, chain = folder / "amazon-ca.pem", folder / "amazon.pem"
    ca_file.write_bytes(certificate_of(key))
    chain.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + ca_file.read_bytes())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(chain)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        amazon = FakeAmazon(server.server_port, ca_file, key, certificate_of(key))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield amazon
        finally:
            server.shutdown()
            thread.join()


@cache
def _key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)  # takes longer than a test with it


def certificate_of(key: RSAPrivateKey, valid: tuple[datetime, datetime] = VALID) -> bytes:
    """Signed by itself, good for TLS on this machine too."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *valid)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)
