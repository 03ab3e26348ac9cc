"""HTML as plain text: what a mail says, with a line for each block and the cells of a table apart.

By RE2, in time that grows with the text: `html.parser` takes minutes over a mail of unclosed tags.
"""

import html

import re2

_UNSEEN = re2.compile(r"(?is)<!--.*?-->|<(?:script|style|head|title)\b.*?</(?:script|style|head|title)\s*>")
_BREAK = re2.compile(r"(?i)</?(?:br|div|p|tr|table|li|ul|ol|h[1-6]|hr|pre)\b[^<>]*>")
_TAG = re2.compile(r"<[/!?a-zA-Z][^<>]*>")


def text_of_html(source: str) -> str:
    seen = _UNSEEN.sub(" ", source)
    lines = _TAG.sub(" ", _BREAK.sub("\n", " ".join(seen.split()))).split("\n")
    texts = (" ".join(html.unescape(line).split()) for line in lines)
    return "\n".join(text for text in texts if text)
