"""Addresses of our own, as answers give them."""

from web.edge import Edge


def base_url(edge: Edge) -> str:
    """ONCALL_PUBLIC_URL, or the address by which the caller has reached us."""
    return edge.runtime.settings.public_url or str(edge.request.base_url).rstrip("/")
