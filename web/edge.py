"""The edge: where a request becomes a caller with a session, and the only place in `web` that opens a transaction.

A handler's work happens inside `with edge.writing(...)`: in one thread, committed before the answer is made. (A
transaction held by a `yield` dependency would be entered and left in different threads of the pool, and under load
the threads that wait for SQLite's one writer would starve the thread that has it.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from sqlmodel import Session
from starlette.datastructures import FormData

from oncall.alerts.actions import Actor
from oncall.auth import permissions, sessions, tokens
from oncall.auth.permissions import Permission
from oncall.errors import Forbidden, NotSignedIn
from oncall.models import User
from oncall.running.runtime import Runtime
from oncall.setup.audit import Acting, act
from oncall.swaps.queries import waiting_count
from web.forms import SentForm

COOKIE = "oncall_session"
CSRF_PURPOSE = "csrf"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is let in, and the session in which their request is served. `now` is read once."""

    session: Session
    user: User
    now: datetime
    via: str

    @property
    def actor(self) -> Actor:
        return Actor(self.user, self.via)

    @property
    def user_id(self) -> int:
        assert self.user.id is not None
        return self.user.id


class Edge:
    """What a handler needs of its request. Subclasses say how callers prove who they are."""

    via = ""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.runtime: Runtime = request.app.state.runtime

    def identify(self, session: Session, now: datetime) -> User:
        """Raises NotSignedIn."""
        raise NotSignedIn("Sign in first.")

    def check_intent(self) -> None:
        """Raises Forbidden when a change may have been sent by somebody else's page."""

    @contextmanager
    def reading(self, permission: Permission = Permission.LOOK, *, at_one_moment: bool = False) -> Iterator[Caller]:
        """`at_one_moment`: see `Database.read`."""
        with self.runtime.database.read(at_one_moment=at_one_moment) as session:
            yield self._caller(session, permission)

    @contextmanager
    def writing(self, permission: Permission) -> Iterator[Caller]:
        """Commits when the block ends, then wakes the engine."""
        with self.runtime.database.transaction() as session:
            caller = self._caller(session, permission)
            self.check_intent()
            act(session, Acting(caller.user_id, self.via, caller.now))
            yield caller
        self.runtime.wake.set()

    @contextmanager
    def trying(self, permission: Permission) -> Iterator[Caller]:
        """Whatever the block changes is thrown away. Others wait meanwhile, but not for those who are not let in."""
        with self.reading(permission):
            pass
        with self.runtime.database.trial() as session:
            yield self._caller(session, permission)

    def _caller(self, session: Session, permission: Permission) -> Caller:
        now = self.runtime.clock()
        user = self.identify(session, now)
        permissions.check(user, permission)
        return Caller(session, user, now, self.via)


_bearer = HTTPBearer(auto_error=False, description="A token made by `oncall token create` or on your profile page.")


class ApiEdge(Edge):
    """Callers with `Authorization: Bearer <token>`."""

    via = "by API"

    def __init__(self, request: Request, credentials: HTTPAuthorizationCredentials | None) -> None:
        super().__init__(request)
        self._token = credentials.credentials if credentials else ""

    def identify(self, session: Session, now: datetime) -> User:
        if not self._token:
            raise NotSignedIn("Send “Authorization: Bearer <token>”; make one with “oncall token create”.")
        return tokens.user_of(session, self._token)


class PageEdge(Edge):
    """People with a login cookie. Forms carry the field `csrf`; htmx sends it as the header X-CSRF-Token."""

    via = "on the web"

    def __init__(self, request: Request, form: FormData) -> None:
        super().__init__(request)
        self.token = request.cookies.get(COOKIE, "")
        self.swaps_waiting = 0
        """How many wait for the answer of whoever is signed in: told on every page."""
        self.form = form

    def identify(self, session: Session, now: datetime) -> User:
        user, self.swaps_waiting = sessions.user_with(session, self.token, now, waiting_count())
        return user

    @property
    def csrf(self) -> str:
        """The value that a form of this login must bring back."""
        return self.runtime.signer.sign(CSRF_PURPOSE, self.token)

    def check_intent(self) -> None:
        sent = self.request.headers.get("x-csrf-token") or str(self.form.get("csrf", ""))
        if not self.runtime.signer.is_genuine(CSRF_PURPOSE, self.token, sent):
            raise Forbidden(
                "This form is out of date or was not sent from our own pages. Reload the page and try again."
            )


def client_address(request: Request) -> str:
    """Where the request comes from, as far as the server is told."""
    return request.client.host if request.client else ""


async def api_edge(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> ApiEdge:
    """Without waiting for anything; were it not `async`, each request would go through one more thread."""
    return ApiEdge(request, credentials)


async def page_edge(request: Request, form: SentForm) -> PageEdge:
    """The same."""
    return PageEdge(request, form)


Api = Annotated[ApiEdge, Depends(api_edge)]
Page = Annotated[PageEdge, Depends(page_edge)]
