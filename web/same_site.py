"""What is ours: addresses that lead to our own pages, and requests that come from them."""

from urllib.parse import urlsplit

from fastapi import Request


def local_path(text: str) -> str:
    """`text` if it is a path on this site, else "/". Browsers read backslashes as slashes and skip control codes."""
    is_plain = text.isprintable() and "\\" not in text and " " not in text
    return text if is_plain and text.startswith("/") and not text.startswith("//") else "/"


def is_ours(request: Request, address: str) -> bool:
    """Whether an address leads to the site that the request has reached."""
    # a proxy may pass on its own name for us as Host, and not the public one
    public = _place(request.app.state.runtime.settings.public_url)
    return bool(_place(address)) and _place(address) in (request.headers.get("host"), public)


def page_before(request: Request) -> str:
    """The path of the page that a form was on; "/" when that is not known, or is not ours."""
    referer = request.headers.get("referer", "")
    return local_path(urlsplit(referer)._replace(scheme="", netloc="").geturl()) if is_ours(request, referer) else "/"


def _place(address: str) -> str:
    """Host and port; "" where there are none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""
