"""Options of a key, edited beside what they make of the last requests that came: expressions, patterns, secrets."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from pydantic_core import from_json, to_json
from starlette.responses import Response

from oncall.auth.permissions import Permission, check
from oncall.errors import BadInput, Conflict
from oncall.ingest.journal import last_requests
from oncall.ingest.preview import Preview, preview
from oncall.ingest.reading import Inbound
from oncall.ingest.registry import TOOLS
from oncall.ingest.replay import replay, tells_events
from oncall.ingest.tool import Sample, Tool, problem_with
from oncall.installation import lock_plans
from oncall.models import IntegrationKey
from oncall.setup.integration_keys import HIDDEN, find_key_for, set_options, shown_options
from oncall.setup.team_keys import find_team_key
from web.edge import Caller, Page, PageEdge
from web.pages.page import back_to, lead_to, show
from web.pages.standing import Wrong

router = APIRouter()

OF_SERVICE, OF_TEAM = "/services/{owner}/keys/{key_name}/options", "/teams/{owner}/keys/{key_name}/options"
NAMED = re.compile(r"\boption (\w+)\b")
LONGEST_PRETTY = 60_000
"""Characters of a body that is shown with its lines indented."""


@dataclass(frozen=True, slots=True)
class Read:
    """A message, and what the options make of it. `at` None: it is a sample of the tool's."""

    at: datetime | None
    body: str
    made: Preview


@dataclass(frozen=True, slots=True)
class Place:
    """Whose key it is: of "services" or of "teams"."""

    kind: str
    owner: str
    name: str

    @property
    def path(self) -> tuple[str, ...]:
        return (self.kind, self.owner, "keys", self.name)

    def find(self, caller: Caller) -> IntegrationKey:
        """Raises NotFound and Forbidden."""
        if self.kind == "services":
            return find_key_for(caller.session, caller.user, self.owner, self.name)
        check(caller.user, Permission.ADMINISTER)
        return find_team_key(caller.session, self.owner, self.name).key


@router.get(OF_SERVICE)
def options(edge: Page, owner: str, key_name: str) -> Response:
    return _page(edge, Place("services", owner, key_name))


@router.post(OF_SERVICE)
def edit_options(edge: Page, owner: str, key_name: str) -> Response:
    return _edit(edge, Place("services", owner, key_name))


@router.get(OF_TEAM)
def options_of_team(edge: Page, owner: str, key_name: str) -> Response:
    return _page(edge, Place("teams", owner, key_name))


@router.post(OF_TEAM)
def edit_options_of_team(edge: Page, owner: str, key_name: str) -> Response:
    return _edit(edge, Place("teams", owner, key_name))


def _edit(edge: PageEdge, place: Place) -> Response:
    """The button `keep` keeps them; any other, and typing, shows what they would make. A secret that is left as the
    dots in its field stays what it is.
    """
    if edge.form.get("do") != "keep":
        return _page(edge, place)
    try:
        with edge.writing(Permission.ACT) as caller:
            lock_plans(caller.session)
            row = place.find(caller)
            _check_unchanged(row, str(edge.form.get("base", "")))
            set_options(caller.session, row, _typed(edge, row))
    except (BadInput, Conflict) as refused:
        return _page(edge, place, refused)
    return lead_to(back_to(*place.path), "The options are kept. They hold from the next event on.")


def _check_unchanged(row: IntegrationKey, base: str) -> None:
    """Raises Conflict, once: the page that says so has the new mark."""
    if base != _mark(row):
        raise Conflict("Somebody else has saved these options since you opened them. To replace theirs, save again.")


def _mark(row: IntegrationKey) -> str:
    return hashlib.sha256(json.dumps(row.options, sort_keys=True).encode()).hexdigest()[:16]


def _page(edge: PageEdge, place: Place, refused: BadInput | Conflict | None = None) -> Response:
    edge.runtime.journal.write()
    with edge.reading() as caller:
        row = place.find(caller)
        tool, wanted = TOOLS[row.tool], _typed(edge, row)
        problem = problem_with(tool, {each: text for each, text in wanted.items() if text})
        read = [] if problem else _read(caller, row, wanted)
    base, wrong = str(edge.form.get("base", "")), _beside(refused, tool)
    context = {
        "place": place,
        "tool": tool,
        "options": [(each, said, _shown(edge, row, each)) for each, said in tool.options.items()],
        "problem": problem,
        "base": _mark(row) if not base or isinstance(refused, Conflict) else base,
        "wrong": wrong,
        "others": wrong.others,
        "changes": (),
        "read": read,
        "pretty": lambda value: to_json(value, indent=2).decode(),
    }
    return show(edge, caller, "services/key_options.html", context, status=refused.status if refused else 200)


def _beside(refused: BadInput | Conflict | None, tool: Tool) -> Wrong:
    """At the option that the sentence names."""
    if refused is None:
        return Wrong()
    named = NAMED.search(refused.detail)
    return Wrong({named[1]: refused.detail}) if named and named[1] in tool.options else Wrong({}, [refused.detail])


def _typed(edge: PageEdge, row: IntegrationKey) -> dict[str, str]:
    """What is in the form; what the key has, where no form was sent."""
    found = {}
    for each in TOOLS[row.tool].options:
        typed = str(edge.form.get(f"option {each}", HIDDEN if edge.request.method == "GET" else ""))
        found[each] = row.options.get(each, "") if typed == HIDDEN else typed
    return found


def _shown(edge: PageEdge, row: IntegrationKey, option: str) -> str:
    kept = shown_options(TOOLS[row.tool], row).get(option, "")
    return str(edge.form.get(f"option {option}", kept))


def _read(caller: Caller, row: IntegrationKey, wanted: dict[str, str]) -> list[Read]:
    """The newest first; samples, where nothing has come yet."""
    tool = TOOLS[row.tool]
    came = [each for each in last_requests(caller.session, row) if tells_events(each)]
    if came:
        return [Read(each.at, _pretty(each.body), replay(tool, wanted, each)) for each in came]
    samples = [each for each in (tool.trigger, tool.resolve) if each]
    return [Read(None, _pretty(each.body.decode()), preview(tool, wanted, _sent(each, caller.now))) for each in samples]


def _sent(sample: Sample, now: datetime) -> Inbound:
    return Inbound(sample.body, {}, sample.headers, sample.query, now)


def _pretty(body: str) -> str:
    """JSON a field a line; all else as it is, and what would grow too long."""
    try:
        text = to_json(from_json(body), indent=2).decode()
    except ValueError:
        return body
    return text if len(text) <= LONGEST_PRETTY else body
