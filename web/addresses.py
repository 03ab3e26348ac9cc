"""Addresses of our own, as answers give them."""

from typing import Protocol

from fastapi import Request

from oncall.runtime import Runtime


class Reached(Protocol):
    """Somebody's request, on its way through us."""

    @property
    def request(self) -> Request: ...
    @property
    def runtime(self) -> Runtime: ...


def base_url(reached: Reached) -> str:
    """ONCALL_PUBLIC_URL, or the address by which the caller has reached us."""
    return reached.runtime.settings.public_url or str(reached.request.base_url).rstrip("/")
