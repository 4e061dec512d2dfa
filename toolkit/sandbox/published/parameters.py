"""What the routes of the published API take and give alike: the service, a page, times, JSON."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from toolkit.sandbox.published import schemas
from toolkit.sandbox.published.lists import Page
from toolkit.sandbox.service import Service

_MOST = 2**53

Offset = Annotated[int, Query(ge=0, le=_MOST)]
Limit = Annotated[int, Query(ge=0, le=_MOST, description="0 means all.")]
When = schemas.Instant | None


async def _service(request: Request) -> Service:
    service: Service = request.state.service
    return service


async def _page(offset: Offset = 0, limit: Limit = 10) -> Page:
    return Page(offset, limit)


async def _page_of_all(offset: Offset = 0, limit: Limit = 0) -> Page:
    return Page(offset, limit)


Opened = Annotated[Service, Depends(_service)]
Paged = Annotated[Page, Depends(_page)]
AllPaged = Annotated[Page, Depends(_page_of_all)]


def json_reply(body: bytes, *, status: int = 200) -> Response:
    """Answer with JSON that is written already."""
    return Response(body, status_code=status, media_type="application/json")
