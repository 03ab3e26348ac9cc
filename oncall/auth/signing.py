"""Signatures on what leaves and must come back unchanged: CSRF tokens, calendar links, links to answer a page by."""

import base64
import hashlib
import hmac

from sqlmodel import Session

from oncall.installation import installation
from oncall.settings import Settings


class Signer:
    """HMAC-SHA256 under the installation's secret, a different key for each purpose."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @classmethod
    def of(cls, session: Session, settings: Settings) -> "Signer":
        """ONCALL_SECRET_KEY, or the secret kept in the database, made at the first start."""
        return cls(settings.secret_key.get_secret_value() or installation(session).secret)

    def sign(self, purpose: str, text: str) -> str:
        """43 characters, safe in URLs."""
        digest = hmac.digest(self._secret, f"{purpose}\n{text}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def sign_in_any_case(self, purpose: str, text: str) -> str:
        """26 small letters and digits, for where capitals may get lost."""
        digest = hmac.digest(self.key(purpose), text.encode(), hashlib.sha256)[:16]
        return base64.b32encode(digest).decode().rstrip("=").lower()

    def key(self, purpose: str) -> bytes:
        """32 bytes for those who sign with a key of their own."""
        return hmac.digest(self._secret, f"key\n{purpose}".encode(), hashlib.sha256)

    def is_genuine(self, purpose: str, text: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())
