"""The errors of the sandbox.

SandboxError            the workspace file cannot be used
└── Refused             a request is answered with an error body, as the face that was asked writes it
"""

from typing import Any

from starlette.responses import JSONResponse
from starlette.types import Scope

PUBLISHED_PATH = "/seax-api"
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Payload Too Large",
    415: "Unsupported Media Type",
    421: "Misdirected Request",
    422: "Validation Error",
    429: "Rate Limit Exceeded",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class SandboxError(Exception):
    """The workspace file cannot be used; the message explains why and what to do."""


class Refused(SandboxError):
    """A request the service refuses; `body` is what the guide documents for it, `detail` what the vendor publishes."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        field: str | None = None,
        code: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.field = field
        self.retry_after = retry_after
        self.body: dict[str, Any] = {"error": TITLES[status], "message": message, "status_code": status}
        if field is not None:
            self.body["details"] = {"field": field, "code": code}
        if retry_after is not None:
            self.body["retry_after"] = retry_after

    def detail(self, *, is_query: bool) -> dict[str, Any]:
        """Return the published body: of what is wrong in a request a list, of anything else a text."""
        if self.status != 422:
            return {"detail": str(self)}
        where = ["query" if is_query else "body", *([self.field] if self.field else [])]
        return {"detail": [{"loc": where, "msg": str(self), "type": "value_error"}]}


def refusal(refused: Refused, scope: Scope) -> JSONResponse:
    """Return the reply that carries a refusal of that request."""
    headers = None if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
    is_published = scope["path"].startswith(PUBLISHED_PATH)
    body = refused.detail(is_query=scope["method"] == "GET") if is_published else refused.body
    return JSONResponse(body, status_code=refused.status, headers=headers)
