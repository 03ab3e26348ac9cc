"""Imported once by the server that processes are forked from: what each start works out anew is worked out here."""

import gc

from sqlalchemy.orm import configure_mappers

import oncall.serve  # noqa: F401
from oncall import schema_version
from web.app import build_app

configure_mappers()
build_app(demo=False)
schema_version.newest()
gc.freeze()  # or the first collection of each process would copy all of it
