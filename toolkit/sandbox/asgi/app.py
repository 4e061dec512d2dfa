"""Which of the two faces of one service a path asks: the guide's at /bulk-sms-api, the published at /seax-api."""

from starlette.types import ASGIApp, Receive, Scope, Send

from toolkit.sandbox.asgi.middleware import Gate, Limiter
from toolkit.sandbox.errors import PUBLISHED_PATH
from toolkit.sandbox.faults import FaultInjector, Faults
from toolkit.sandbox.guide.app import API_KEY, guide
from toolkit.sandbox.published.app import published
from toolkit.sandbox.service import WORKSPACE_ID, Service


def create_app(service: Service, *, limiter: Limiter, faults: Faults | None) -> ASGIApp:
    """Build the ASGI application over one service."""
    app: ASGIApp = _over(service)
    if faults is not None:
        app = FaultInjector(app, faults=faults, shift=service.add_newcomer)
    return Gate(app, workspace_id=WORKSPACE_ID, api_key=API_KEY, limiter=limiter)


def _over(service: Service) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        face = published() if scope["path"].startswith(PUBLISHED_PATH) else guide()
        await face({**scope, "state": {**scope.get("state", {}), "service": service}}, receive, send)

    return serve
