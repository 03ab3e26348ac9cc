"""Options of a key, edited beside what they make of the last requests that came: expressions, patterns, secrets."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from pydantic_core import from_json, to_json
from starlette.responses import Response

from oncall.auth.permissions import Permission
from oncall.errors import BadInput
from oncall.ingest.journal import last_requests
from oncall.ingest.preview import Preview, preview
from oncall.ingest.reading import Inbound
from oncall.ingest.registry import TOOLS
from oncall.ingest.replay import replay, tells_events
from oncall.ingest.tool import Sample, problem_with
from oncall.models import IntegrationKey
from oncall.setup.integration_keys import HIDDEN, find_key_for, set_options, shown_options
from web.edge import Caller, Page, PageEdge
from web.pages.page import back_to, lead_to, show

router = APIRouter(prefix="/services/{name}/keys/{key_name}/options")

LONGEST_PRETTY = 60_000
"""Characters of a body that is shown with its lines indented."""


@dataclass(frozen=True, slots=True)
class Read:
    """A message, and what the options make of it. `at` None: it is a sample of the tool's."""

    at: datetime | None
    body: str
    made: Preview


@router.get("")
def options(edge: Page, name: str, key_name: str) -> Response:
    return _page(edge, name, key_name)


@router.post("")
def edit_options(edge: Page, name: str, key_name: str) -> Response:
    """The button `keep` keeps them; any other, and typing, shows what they would make. A secret that is left as the
    dots in its field stays what it is.
    """
    if edge.form.get("do") != "keep":
        return _page(edge, name, key_name)
    try:
        with edge.writing(Permission.ACT) as caller:
            row = find_key_for(caller.session, caller.user, name, key_name)
            set_options(caller.session, row, _typed(edge, row))
    except BadInput as refused:
        return _page(edge, name, key_name, refused.detail)
    return lead_to(
        back_to("services", name, "keys", key_name), "The options are kept. They hold from the next event on."
    )


def _page(edge: PageEdge, name: str, key_name: str, refused: str = "") -> Response:
    edge.runtime.journal.write()
    with edge.reading() as caller:
        row = find_key_for(caller.session, caller.user, name, key_name)
        tool, wanted = TOOLS[row.tool], _typed(edge, row)
        problem = refused or problem_with(tool, {each: text for each, text in wanted.items() if text})
        read = [] if problem else _read(caller, row, wanted)
    context = {
        "place": (name, key_name),
        "tool": tool,
        "options": [(each, said, _shown(edge, row, each)) for each, said in tool.options.items()],
        "problem": problem,
        "is_refused": bool(refused),
        "is_kept": {each: text for each, text in wanted.items() if text} == row.options,
        "read": read,
        "pretty": lambda value: to_json(value, indent=2).decode(),
    }
    return show(edge, caller, "services/key_options.html", context, status=BadInput.status if refused else 200)


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
