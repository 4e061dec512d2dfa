"""The errors of the sandbox.

SandboxError            the workspace file cannot be used
└── Refused             a request is answered with one of the guide's error bodies
"""

from typing import Any

from starlette.responses import JSONResponse

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
    """A request the service refuses, with the body the guide documents for it."""

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
        self.body: dict[str, Any] = {"error": TITLES[status], "message": message, "status_code": status}
        if field is not None:
            self.body["details"] = {"field": field, "code": code}
        if retry_after is not None:
            self.body["retry_after"] = retry_after


def refusal(refused: Refused) -> JSONResponse:
    """Return the reply that carries a refusal."""
    retry_after = refused.body.get("retry_after")
    headers = None if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse(refused.body, status_code=refused.status, headers=headers)
