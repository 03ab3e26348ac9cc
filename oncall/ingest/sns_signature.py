"""Whether Amazon SNS wrote a message: SignatureVersion 1 is SHA-1, 2 is SHA-256, both RSA with PKCS #1 v1.5.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html. Imported with the first message of SNS:
the library takes 8 MB of memory that most installations never need.
"""

import base64
import binascii
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificate

from oncall.ingest.reading import BadSignature
from oncall.ingest.sns import SnsMessage

_HASHES = {"1": SHA1, "2": SHA256}
"""By SignatureVersion."""


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
