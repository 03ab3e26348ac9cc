"""Pure: places along a timeline, as classes, since pages may hold no styles.

A track has COLUMNS columns; what lies on it has a class for the column in which it begins (`from-1` …) and one for
the column before which it ends (… `to-481`).
`python -m web.pages.schedules.track` writes the style sheet that knows them.
"""

from pathlib import Path

COLUMNS = 480
"""Three minutes of a day, 42 of two weeks, six hours of a quarter: finer than a pixel of most screens can show."""
SHEET = Path(__file__).parents[2] / "static" / "lanes.css"


def column(share: float) -> int:
    """The line that is nearest to this share of the track: 1 at its beginning, COLUMNS + 1 at its end."""
    return 1 + round(COLUMNS * min(max(share, 0.0), 1.0))


def place(first: int, last: int) -> str:
    """From the line `first` to the line `last`; what is shorter than a column has one all the same."""
    first = min(first, COLUMNS)
    return f"from-{first} to-{max(last, first + 1)}"


def sheet() -> str:
    begins = (f".from-{line}{{grid-column-start:{line}}}" for line in range(1, COLUMNS + 1))
    ends = (f".to-{line}{{grid-column-end:{line}}}" for line in range(2, COLUMNS + 2))
    return "\n".join(("/* Places on a track; written by `python -m web.pages.schedules.track`. */", *begins, *ends, ""))


if __name__ == "__main__":
    SHEET.write_text(sheet())
