"""What a text costs on the air, and how to say it in the phone network's own alphabet.

GSM-7 (3GPP TS 23.038, section 6.2.1) holds 160 septets in one segment, 153 in each of several. One
character outside it turns the whole text into UCS-2: 70 UTF-16 units in one segment, 67 in each of several.
"""

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""Sent as an escape and a character: two septets."""

ONE_SEGMENT = 160
THREE_GSM7_SEGMENTS = 3 * 153
THREE_UCS2_SEGMENTS = 3 * 67

# fmt: off
PLAIN = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−•·▪‣", "-"),
    "‹": "<", "›": ">", "…": "...", "⁄": "/", "×": "x", "÷": "/", "±": "+/-",
    "→": "->", "←": "<-", "⇒": "=>", "≥": ">=", "≤": "<=", "≠": "!=", "≈": "~", "°": "deg", "µ": "u", "μ": "u",
    "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "ı": "i", "ẞ": "SS",
    "Œ": "OE", "œ": "oe", "Þ": "Th", "þ": "th", "Ð": "D", "ð": "d",
}
# fmt: on
"""Characters with a plain spelling that reads the same. Other accents lose their mark: é stays, ê becomes e."""

DROPPED = frozenset({"So", "Sk", "Cf", "Mn", "Me"})
"""Unicode categories that add no word: pictures, loose marks, invisible joiners."""


def tidy(text: str) -> str:
    """One line, single spaces, nothing that can't be sent (control characters, halves of a surrogate pair)."""
    kept = "".join(
        " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs")
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def plain(text: str) -> str:
    """`text` in GSM-7 as far as its meaning allows; characters of other scripts stay, and make it UCS-2."""
    return " ".join("".join(_plain_character(c) for c in tidy(text)).split())


def _plain_character(character: str) -> str:
    if character in BASIC or character in EXTENDED:
        return character
    if character in PLAIN:
        return PLAIN[character]
    parts = [c for c in unicodedata.normalize("NFKD", character) if unicodedata.category(c) != "Mn"]
    spelled = "".join(PLAIN.get(c, c) for c in parts)
    if spelled and is_gsm7(spelled):
        return spelled
    return "" if unicodedata.category(character) in DROPPED else character


def is_gsm7(text: str) -> bool:
    return all(c in BASIC or c in EXTENDED for c in text)


def septets(text: str) -> int:
    """The length of a GSM-7 text."""
    return sum(2 if c in EXTENDED else 1 for c in text)


def utf16_units(text: str) -> int:
    """The length of a UCS-2 text."""
    return sum(2 if ord(c) > 0xFFFF else 1 for c in text)
