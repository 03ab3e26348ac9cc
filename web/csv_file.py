"""Figures as a file to keep."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from oncall.reports.csv_text import to_csv


class CsvFile(Response):
    media_type = "text/csv"

    @classmethod
    def of(cls, name: str, kind: type[Any], rows: Iterable[Any], start: datetime, end: datetime) -> "CsvFile":
        """Rows of the dataclass `kind` about [start, end)."""
        file = f"{name}-{start:%Y-%m-%d}-{end:%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "private, no-cache"}
        return cls(to_csv(kind, rows), headers=headers)
