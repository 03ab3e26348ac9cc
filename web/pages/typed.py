"""Pure: what is typed into forms as the config file has it."""


def as_number(text: str) -> int | str:
    """A text stays one where it is no number, for the config's checks to say so."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def as_place(text: str) -> int:
    """Of a row, as the button beside it has it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0


def as_list(text: str) -> list[str]:
    """Of what has commas between."""
    return [each for each in map(str.strip, text.split(",")) if each]
