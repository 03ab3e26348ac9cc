"""What is shown without a network, and the service worker that shows it. It keeps no other page: old news mislead."""

import hashlib

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.templating import render

router = APIRouter()


@router.get("/offline")
def offline(request: Request) -> Response:
    """For anybody, since browsers keep it before somebody signs in."""
    return render(request, "offline.html")


@router.get("/sw.js")
def service_worker(request: Request) -> Response:
    """At the root, since it may answer only for what is below its own address. It changes with the page it keeps."""
    page = hashlib.sha256(offline(request).body).hexdigest()
    return render(request, "sw.js", {"page": page}, headers={"Content-Type": "text/javascript; charset=utf-8"})
