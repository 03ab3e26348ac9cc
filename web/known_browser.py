"""A browser in which somebody has signed in before: wrong passwords from elsewhere, or by others behind the same proxy,
do not keep its owner out. Its own tries count for themselves.
"""

import secrets

from fastapi import Request
from starlette.responses import Response

from oncall.auth.signing import Signer

COOKIE = "oncall_known"
PURPOSE = "known browser"
SECONDS = 400 * 86_400
"""As long as browsers keep a cookie at most."""


def remember(response: Response, signer: Signer, handle: str) -> None:
    name = secrets.token_urlsafe(12)
    signature = signer.sign(PURPOSE, f"{name} {handle}")
    response.set_cookie(COOKIE, f"{name}.{signature}", max_age=SECONDS, httponly=True, samesite="lax")


def known_as(request: Request, signer: Signer, handle: str) -> str:
    """In place of its address; empty for a browser in which this person has not signed in."""
    name, _, signature = request.cookies.get(COOKIE, "").partition(".")
    return f"browser {name}" if signer.is_genuine(PURPOSE, f"{name} {handle}", signature) else ""
