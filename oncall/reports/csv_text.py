"""Figures as CSV (RFC 4180), safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, fields
from datetime import datetime
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take the first character of a formula to be."""


def to_csv(kind: type[Any], rows: Iterable[Any]) -> str:
    """Rows of the dataclass `kind`, whose fields are the columns; with a header, even where there is no row."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(field.name for field in fields(kind))
    writer.writerows([_cell(value) for value in astuple(row)] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
