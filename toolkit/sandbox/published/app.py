"""The published API over HTTP: its paths and error bodies; what answers them is in the routes beside."""

from functools import cache
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyHeader
from starlette.exceptions import HTTPException

from toolkit.sandbox.errors import PUBLISHED_PATH, TITLES, Refused, refusal
from toolkit.sandbox.published import campaign_routes, channels, contact_routes, replies
from toolkit.sandbox.service import WORKSPACE_ID

_WORKSPACE = f"{PUBLISHED_PATH}/api/v1/workspace/{{workspace_id}}"
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": replies.Refusal, "description": TITLES[status]} for status in (400, 401, 404, 413, 429)
}


async def _workspace(workspace_id: Annotated[str, Path(json_schema_extra={"const": WORKSPACE_ID})]) -> None:
    """Describe the path's workspace; the gate has checked it already."""


@cache
def published() -> FastAPI:
    """Build the published calls, once for all workspaces of a process."""
    app = FastAPI(
        title="SeaX API (embedded)",
        version="2025-11",
        description="The SeaX API as its vendor publishes it, of messages only, served from one file. It texts nobody.",
        openapi_url=f"{PUBLISHED_PATH}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        responses=_REFUSALS,
        dependencies=[Security(APIKeyHeader(name="X-API-Key", auto_error=False)), Depends(_workspace)],
    )
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    _add_calls(app)
    return app


def _add_calls(app: FastAPI) -> None:
    app.get(f"{_WORKSPACE}/phones", response_model=replies.Page[replies.PhoneDetail])(campaign_routes.get_phones)
    app.get(f"{_WORKSPACE}/contacts", response_model=replies.Page[replies.Contact])(contact_routes.get_contacts)
    app.get(f"{_WORKSPACE}/contact_labels", response_model=replies.Page[replies.CountedLabel])(
        contact_routes.get_contact_labels
    )
    app.post(f"{_WORKSPACE}/contact_labels", response_model=replies.Label)(contact_routes.create_contact_label)
    app.delete(f"{_WORKSPACE}/contact_labels/{{contact_label_id}}", status_code=204)(
        contact_routes.delete_contact_label
    )
    app.patch(f"{_WORKSPACE}/contacts/{{contact_id}}", response_model=replies.Contact)(contact_routes.update_contact)
    app.post(f"{_WORKSPACE}/import_contacts", status_code=201, response_model=replies.Job)(
        contact_routes.import_contacts
    )
    app.get(f"{_WORKSPACE}/jobs", response_model=replies.Page[replies.Job])(contact_routes.list_jobs)
    app.get(f"{_WORKSPACE}/jobs/{{job_id}}", status_code=201, response_model=replies.Job)(contact_routes.get_job)
    app.get(f"{_WORKSPACE}/campaigns", response_model=replies.Page[replies.Campaign])(campaign_routes.list_campaigns)
    app.post(f"{_WORKSPACE}/campaigns", response_model=replies.Campaign)(campaign_routes.create_campaign)
    app.get(f"{_WORKSPACE}/campaigns/{{campaign_id}}", response_model=replies.Campaign)(campaign_routes.get_campaign)
    app.patch(f"{_WORKSPACE}/campaigns/{{campaign_id}}", response_model=replies.Campaign)(
        campaign_routes.update_campaign
    )
    app.delete(f"{_WORKSPACE}/campaigns/{{campaign_id}}", status_code=204)(campaign_routes.delete_campaign)
    app.get(f"{_WORKSPACE}/campaigns/{{campaign_id}}/logs", response_model=replies.Logs)(
        campaign_routes.list_campaign_logs
    )
    app.post(f"{_WORKSPACE}/messages/sms", response_model=replies.SentMessage)(campaign_routes.send_sms_message)
    app.post(f"{_WORKSPACE}/general_campaigns/sms", response_model=replies.BulkCampaign)(
        campaign_routes.create_sms_campaign
    )
    app.get(f"{_WORKSPACE}/message", status_code=202, response_model=replies.Page[replies.ListedMessage])(
        campaign_routes.get_messages
    )
    app.get(f"{_WORKSPACE}/ai_agents", response_model=replies.Page[channels.AIAgent])(channels.list_ai_agents)
    app.get(f"{_WORKSPACE}/whatsapp_business_platform", response_model=replies.Page[channels.PlatformAccount])(
        channels.list_whatsapp_accounts
    )
    app.get(
        f"{_WORKSPACE}/whatsapp_business_platform/{{service_provider_account_id}}/templates",
        response_model=replies.Page[channels.PlatformTemplate],
    )(channels.list_whatsapp_templates)
    app.get(f"{_WORKSPACE}/messaging_services", response_model=replies.Page[replies.MessagingService])(
        campaign_routes.get_messaging_services
    )
    app.get(f"{_WORKSPACE}/messaging_services/{{messaging_service_id}}", response_model=replies.MessagingServiceDetail)(
        campaign_routes.get_messaging_service
    )


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal(error, request.scope)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": [_invalid(one) for one in error.errors()]}, status_code=422)


def _invalid(error: dict[str, Any]) -> dict[str, Any]:
    """Write one error in the words of the pydantic that the vendor's service runs on."""
    if error["type"] == "missing":
        return {"loc": list(error["loc"]), "msg": "field required", "type": "value_error.missing"}
    return {"loc": list(error["loc"]), "msg": error["msg"], "type": f"value_error.{error['type']}"}


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"detail": error.detail}, status_code=error.status_code, headers=error.headers)
