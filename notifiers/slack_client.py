"""Slack's own client, aimed at Slack or a server like it, and what goes wrong told as our failures."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from math import ceil
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from notifiers.base import TemporaryFailure
from notifiers.slack_account import SlackAccount
from notifiers.slack_errors import failure_for

MOST_RETRY_AFTER = 3600.0
"""Seconds that Slack may ask us to wait."""

quiet = logging.getLogger("oncall.slack_sdk")
quiet.setLevel(logging.CRITICAL)  # the library logs each failure that it also raises


def slack_client(account: SlackAccount) -> WebClient:
    """A client for all threads. It tries nothing twice: what is tried again, and when, is decided by whoever asks."""
    return WebClient(
        token=account.bot_token,
        base_url=account.base_url,
        timeout=ceil(account.timeout_seconds),
        retry_handlers=[],
        logger=quiet,
    )


@contextmanager
def sending() -> Iterator[None]:
    """Tells what goes wrong inside as a TemporaryFailure or PermanentFailure. No secret gets into either."""
    try:
        yield
    except SlackApiError as error:
        response: Any = error.response
        raise failure_for(str(response.get("error", "")), response.status_code, _retry_after(response)) from None
    except URLError:  # raised until the request has been sent, so nothing can have been accepted
        raise TemporaryFailure("Slack could not be reached") from None
    except TimeoutError:
        raise TemporaryFailure("Slack did not answer in time", may_come_late=True) from None
    except (OSError, HTTPException):
        raise TemporaryFailure("The connection to Slack failed", maybe_accepted=True) from None
    except (SlackClientError, ValueError, KeyError, TypeError):
        raise TemporaryFailure("Slack's answer could not be read", maybe_accepted=True) from None


def _retry_after(response: Any) -> float:
    headers = {name.lower(): value for name, value in response.headers.items()}
    try:
        return min(MOST_RETRY_AFTER, max(0.0, float(headers.get("retry-after", 0))))
    except (TypeError, ValueError):
        return 0.0
