"""Messages of Amazon SNS: their fields, what of them is signed, and which addresses of Amazon's they may name.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. Pure: `sns_office` does the fetching.
The body is sent as text/plain.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from oncall.ingest.fields import blank, text_of
from oncall.ingest.reading import BadEvent, BadSignature, read_object

NOTIFICATION = "Notification"
_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""By type, the fields that are signed, in this order."""
_VERSIONS = ("1", "2")
_HOST = re.compile(r"sns\.[a-z0-9-]{1,32}\.amazonaws\.com(\.cn)?")
_CERTIFICATE_PATH = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem")


@dataclass(frozen=True, slots=True)
class SnsMessage:
    """One that has what it needs; whether Amazon wrote it, `sns_signature.verify` tells."""

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
    if fields["SignatureVersion"] not in _VERSIONS:
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
