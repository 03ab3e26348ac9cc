"""HTML as plain text: what a mail says, with a line for each block and the cells of a table apart.

By RE2, in time that grows with the text: `html.parser` takes minutes over a mail of unclosed tags. It is loaded with
the first text, for the 3 MB of memory it takes.
"""

import html
from functools import cache
from typing import Any

_UNSEEN = r"(?is)<!--.*?-->|<(?:script|style|head|title)\b.*?</(?:script|style|head|title)\s*>"
_BREAK = r"(?i)</?(?:br|div|p|tr|table|li|ul|ol|h[1-6]|hr|pre)\b[^<>]*>"
_TAG = r"<[/!?a-zA-Z][^<>]*>"


def text_of_html(source: str) -> str:
    unseen, break_, tag = _compiled()
    seen = unseen.sub(" ", source)
    lines = tag.sub(" ", break_.sub("\n", " ".join(seen.split()))).split("\n")
    texts = (" ".join(html.unescape(line).split()) for line in lines)
    return "\n".join(text for text in texts if text)


@cache
def _compiled() -> tuple[Any, ...]:
    import re2

    return tuple(re2.compile(pattern) for pattern in (_UNSEEN, _BREAK, _TAG))
