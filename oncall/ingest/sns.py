"""Messages of Amazon SNS: their fields, their signature, and which addresses of Amazon's they may name.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. Pure: `sns_office` does the fetching.
The body is sent as text/plain. SignatureVersion 1 is SHA-1, 2 is SHA-256, both RSA with PKCS #1 v1.5.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificate

from oncall.ingest.fields import blank, text_of
from oncall.ingest.reading import BadEvent, BadSignature, read_object

NOTIFICATION = "Notification"
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""By type, the fields that are signed, in this order."""
_HASHES = {"1": SHA1, "2": SHA256}
_HOST = re.compile(r"sns\.[a-z0-9-]{1,32}\.amazonaws\.com(\.cn)?")
_CERTIFICATE_PATH = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem")


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """One that has what it needs; whether Amazon wrote it, `verify` tells."""

    fields: Mapping[str, str]

    @property
    def kind(self) -> str:
        return self.fields["Type"]

    @property
    def certificate_url(self) -> str:
        return self.fields["SigningCertURL"]

    @property
    def confirmation_url(self) -> str:
        """To be opened so that the topic sends to us; empty where nobody asks for it."""
        return self.fields["SubscribeURL"] if self.kind == "SubscriptionConfirmation" else ""

    @property
    def signed_text(self) -> bytes:
        names = (name for name in _SIGNED[self.kind] if name in self.fields)
        return "".join(f"{name}\n{self.fields[name]}\n" for name in names).encode()


def read(body: bytes) -> SnsMessage:
    """Raises BadEvent with every fault."""
    sent = read_object(body)
    if "AlarmName" in sent and "Type" not in sent:
        raise BadEvent(
            ["'Type' is missing: turn “raw message delivery” off in the subscription; it takes the signature off"]
        )
    fields = {name: value for name, value in sent.items() if isinstance(value, str)}
    kind = fields.get("Type", "")
    if kind not in _SIGNED:
        raise BadEvent([f"'Type' must be one of {', '.join(_SIGNED)} (a message of Amazon SNS)"])
    needed = {*_SIGNED[kind], "SignatureVersion", "Signature", "SigningCertURL"} - {"Subject"}
    problems = blank(*((name, text_of(fields, name)) for name in sorted(needed))) or _foreign(fields)
    if problems:
        raise BadEvent(problems)
    return SnsMessage(fields)


def _foreign(fields: Mapping[str, str]) -> list[str]:
    problems = []
    if fields["SignatureVersion"] not in _HASHES:
        problems.append("'SignatureVersion' must be 1 or 2")
    if not (
        _is_of_amazon(fields["SigningCertURL"]) and _CERTIFICATE_PATH.fullmatch(urlsplit(fields["SigningCertURL"]).path)
    ):
        problems.append("'SigningCertURL' must be a certificate at https://sns.<region>.amazonaws.com")
    if "SubscribeURL" in _SIGNED[fields["Type"]] and not _is_of_amazon(fields["SubscribeURL"], may_ask=True):
        problems.append("'SubscribeURL' must be at https://sns.<region>.amazonaws.com")
    return problems


def _is_of_amazon(url: str, *, may_ask: bool = False) -> bool:
    """Without login, port, fragment and, but for `may_ask`, query: what is fetched is what was looked at."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = not parts.fragment and (may_ask or not parts.query) and url.isprintable() and " " not in url
    return parts.scheme == "https" and _HOST.fullmatch(parts.netloc) is not None and is_plain


def check_topic(message: SnsMessage, options: Mapping[str, str]) -> None:
    """Raises BadSignature for another topic than the key's option `topic` names."""
    topic = options.get("topic")
    if topic and message.fields["TopicArn"] != topic:
        raise BadSignature("'TopicArn' is not the topic that this key's option `topic` names.")


def read_certificate(pem: bytes) -> Certificate:
    """Raises ValueError."""
    return load_pem_x509_certificate(pem)


def verify(message: SnsMessage, certificate: Certificate, at: datetime) -> None:
    """Raises BadSignature."""
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise BadSignature("'SigningCertURL' leads to a certificate that is not of the kind that SNS signs with.")
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise BadSignature("'SigningCertURL' leads to a certificate that is not valid now.")
    try:
        signature = base64.b64decode(message.fields["Signature"], validate=True)
        key.verify(signature, message.signed_text, PKCS1v15(), _HASHES[message.fields["SignatureVersion"]]())
    except (binascii.Error, InvalidSignature, ValueError):
        raise BadSignature("'Signature' does not fit the message: it is not from Amazon SNS, or was altered.") from None
