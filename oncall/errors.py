"""Every failure that a person or a sender is told about: a status, a kind and a sentence that says how to mend it.

One renderer each for JSON (RFC 9457), pages and the command line reads these; nothing else formats errors.
"""

from collections.abc import Iterable, Sequence


class OncallError(Exception):
    """Base of all our errors. `status` is the HTTP status; `detail` a sentence for people."""

    status = 500
    title = "Something went wrong"

    def __init__(self, detail: str, *, field: str | None = None, problems: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.problems = list(problems)
        """Every fault at once, each with the field's path; or all that would be wrong."""


class NotFound(OncallError):
    """`see`: the page that has the alerts of what was deleted."""

    status = 404
    title = "Not found"

    def __init__(self, detail: str, *, field: str | None = None, see: str = "") -> None:
        super().__init__(detail, field=field)
        self.see = see


class MethodNotAllowed(OncallError):
    """The address is right. `allowed` are the methods that it takes."""

    status = 405
    title = "Method not allowed"

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = sorted(allowed)
        super().__init__(f"This address takes {' or '.join(self.allowed)}.")


class BadInput(OncallError):
    """What was sent can't be used."""

    status = 400
    title = "Bad input"


class TooSlow(OncallError):
    """The request did not arrive whole in the time there is for it."""

    status = 408
    title = "Too slow"


class TooLarge(OncallError):
    status = 413
    title = "Too large"


class UnreadableCoding(OncallError):
    """The body is packed in a way that is not read here."""

    status = 415
    title = "Unreadable coding"


class NotSignedIn(OncallError):
    status = 401
    title = "Not signed in"


class Forbidden(OncallError):
    status = 403
    title = "Not allowed"


class Conflict(OncallError):
    """The thing is in a state in which this can't be done (an acknowledge of a resolved alert)."""

    status = 409
    title = "Conflict"


class NeedsConfirmation(Conflict):
    """It would make things worse, as `problems` say. Sent again with a confirmation it is done all the same."""

    title = "Needs to be confirmed"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"{' '.join(problems)} Confirm that you want it all the same.", problems=problems)


class Gone(OncallError):
    status = 410
    title = "Gone"


class TooManyRequests(OncallError):
    """`retry_after` is in seconds and becomes the Retry-After header."""

    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(OncallError):
    """The database is away or full, or a queue is: nothing was stored, try again. Rendered with Retry-After."""

    status = 503
    title = "Temporarily unavailable"
    retry_after = 5


class SetupError(OncallError):
    """The installation is wrong (a setting, a second engine on SQLite, a busy port); the process does not start."""
