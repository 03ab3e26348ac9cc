"""Whom each kind of override names."""

from oncall.models import OverrideKind


def who_is_missing(kind: OverrideKind, user: object, replaces: object) -> str:
    """A sentence about what is missing or too much; "" when all is well. `user` comes on, `replaces` goes off."""
    if kind is OverrideKind.REMOVE:
        return (
            "nobody comes on when somebody is removed: leave `user` out, and name who goes off in `replaces`"
            if user
            else ""
        )
    if not user:
        return "must say in `user` who comes on"
    if kind is OverrideKind.ADD and replaces:
        return "nobody goes off when somebody is added: leave `replaces` out, or let it be of kind replace"
    return ""
