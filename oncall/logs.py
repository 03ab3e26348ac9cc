"""Logs: one line an event, key=value on a terminal and JSON elsewhere. Secrets and addresses are never passed in."""

import logging
import sys
from typing import Any

import structlog

from oncall.db.database import is_outage


def cause_of(outage: BaseException) -> str:
    """What the database says, such as "database or disk is full": one line, where SQLAlchemy has the statement too."""
    lines = str(getattr(outage, "orig", None) or outage).splitlines()
    return lines[0] if lines else type(outage).__name__


def told(error: BaseException) -> dict[str, Any]:
    """For a line about what has just gone wrong: an outage by its cause, a mistake of ours by its traceback."""
    name = type(error).__name__
    return {"error": name, "cause": cause_of(error)} if is_outage(error) else {"error": name, "exc_info": True}


def set_up(level: str = "INFO") -> None:
    """Send structlog and the standard library's logging to stderr in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # aiosmtpd's, "mail.log", tells every line of a connection, and so the keys in addresses
    for chatty in ("apscheduler", "alembic", "mail", "uvicorn.access", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # it warns of errors that come behind another, which is raised: as when two processes open the same alert at once
    logging.getLogger("psycopg").setLevel(logging.ERROR)
