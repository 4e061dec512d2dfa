"""The parts of /openapi.json besides the bodies: parameters, refusals, and which reply leads to which call."""

from typing import Annotated, Any

from fastapi import Path, Query

from toolkit.sandbox.errors import TITLES
from toolkit.sandbox.guide import schemas
from toolkit.sandbox.service import WORKSPACE_ID
from toolkit.sandbox.world.history import GUIDES_ID

MOST_ROWS = 10_000
Responses = dict[int | str, dict[str, Any]]


def _commas(part: str) -> str:
    return f"^ *{part} *(, *{part} *)*$"


_STATUS = f"({'|'.join(schemas.LOG_STATUSES)})"

Workspace = Annotated[str, Path(json_schema_extra={"const": WORKSPACE_ID})]
CampaignId = Annotated[str, Path(examples=[f"campaign_{GUIDES_ID}"])]
JobId = Annotated[str, Path(examples=[f"job_{GUIDES_ID}"])]
Offset = Annotated[int, Query(ge=0, le=2**53, description="Number of rows to skip.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Number of rows to return.")]
Keyword = Annotated[str, Query(description="Part of a name, in any case, or of a phone number.")]
ContactIds = Annotated[str, Query(description="Contact ids, separated by commas.")]
Labels = Annotated[str, Query(description="Label ids or names, separated by commas.")]
# Patterns are documented, not enforced: our own refusals explain more than a regular expression.
OrderBy = Annotated[
    str,
    Query(
        description="Sort keys, the most significant first; ascending unless marked :desc.",
        json_schema_extra={"pattern": _commas("(phone|created_time|name)(:(asc|desc))?")},
    ),
]
Statuses = Annotated[
    str,
    Query(
        description=f"Any of {', '.join(schemas.LOG_STATUSES)}, separated by commas; empty means all.",
        json_schema_extra={"pattern": f"^$|{_commas(_STATUS)}"},
    ),
]


def _described(*statuses: int) -> Responses:
    # One route describes the model, the others only refer to it: that keeps opening a workspace quick.
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {status: {"description": TITLES[status], "content": content} for status in statuses}


READ_ERRORS: Responses = _described(401, 404, 429) | {422: {"model": schemas.Error}}
WRITE_ERRORS: Responses = READ_ERRORS | _described(400, 413, 415)


def leads_to(**operations: str) -> Responses:
    """Declare that the reply's id is the named parameter of other operations."""
    links = {
        operation: {"operationId": operation, "parameters": {parameter: "$response.body#/id"}}
        for operation, parameter in operations.items()
    }
    return {200: {"links": links}}
