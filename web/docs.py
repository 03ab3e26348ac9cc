"""The REST API's documentation: Swagger UI, served by ourselves, so that it works without the internet."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.templating import render

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> Response:
    return render(request, "docs.html", {"openapi": request.app.openapi_url})
