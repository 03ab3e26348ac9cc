"""Imported once by the server that processes are forked from: what each start works out anew is worked out here."""

import gc

from sqlalchemy.orm import configure_mappers

import oncall.serve  # noqa: F401
from oncall import schema_version
from web.app import build_app

ASKED = {"type": "http", "method": "GET", "path": "/nothing", "root_path": "", "headers": []}

configure_mappers()
for route in build_app(demo=False).routes:
    route.matches(ASKED)  # FastAPI puts the routes of a router together when it is first asked for one
schema_version.newest()
gc.freeze()  # or the first collection of each process would copy all of it
