"""Imported once by the server that processes are forked from: what each start works out anew is worked out here."""

import gc

import anyio
import twilio.rest.api  # noqa: F401 (which the client would load at its first message)
from sqlalchemy.orm import configure_mappers

import oncall.running.serve  # noqa: F401
from oncall.schema import schema_version
from web.app import build_app

ASKED = {"type": "http", "method": "GET", "path": "/nothing", "root_path": "", "headers": []}

configure_mappers()
for route in build_app(demo=False).routes:
    route.matches(ASKED)  # FastAPI puts the routes of a router together when it is first asked for one
schema_version.newest()
anyio.run(anyio.sleep, 0)  # loads what it runs on
gc.freeze()  # or the first collection of each process would copy all of it
