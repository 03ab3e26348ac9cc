"""Addresses of our own, as answers give them."""

from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import URL

from web.edge import Edge


def base_url(edge: Edge) -> str:
    """ONCALL_PUBLIC_URL, or the address by which the caller has reached us."""
    return edge.runtime.settings.public_url or str(edge.request.base_url).rstrip("/")


def address_of(request: Request) -> URL:
    """Of this very request, as the outside has it: behind a proxy ours may be another."""
    public_url: str = request.app.state.runtime.settings.public_url
    if not public_url:
        return request.url
    return URL(public_url + quote(request.scope["path"])).replace(query=request.url.query)
