"""An answer in JSON."""

from typing import Any

from starlette import responses

from oncall.db.database import json_text


class JSONResponse(responses.Response):
    """Starlette's takes four times as long, which shows when thousands of events are answered a second."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json_text(content).encode()
