"""Routers found by the first word of an address: to try the patterns of all of them one after another, and once more
inside the router that has it, takes longer than most pages ask of the database."""

from collections import defaultdict
from collections.abc import Sequence

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

FOUND = "oncall.found"
"""In the scope of a request: the router that answers it."""


class ByFirstWord(BaseRoute):
    """`routes`: what routers were included as. None of their paths begins with a parameter."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.below: dict[str, list[BaseRoute]] = defaultdict(list)
        for route in routes:
            for word in dict.fromkeys(first_word(each.path or "") for each in iter_route_contexts([route])):
                self.below[word].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As an application asks its routes: the first that answers, else the first that has the path."""
        partial: tuple[Match, Scope] = Match.NONE, {}
        for route in self.below.get(first_word(scope["path"]), ()):
            match, told = route.matches(scope)
            if match is Match.FULL:
                return match, {**told, FOUND: route}
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, {**told, FOUND: route}
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope[FOUND].handle(scope, receive, send)


def first_word(path: str) -> str:
    """ "alerts" of /alerts/12/acknowledge."""
    return path.split("/", 2)[1]
