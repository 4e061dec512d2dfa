"""The guide over HTTP: paths, parameters and error bodies; every operation is the service's."""

from functools import cache
from typing import Annotated

from fastapi import Depends, FastAPI, File, Request, Response, Security, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.security import APIKeyHeader
from starlette.exceptions import HTTPException

from toolkit.sandbox import orderings
from toolkit.sandbox.contacts import Filter
from toolkit.sandbox.delivery.launches import CampaignRequest
from toolkit.sandbox.errors import Refused, refusal
from toolkit.sandbox.guide import docs, schemas
from toolkit.sandbox.guide.openapi import (
    READ_ERRORS,
    WRITE_ERRORS,
    CampaignId,
    ContactIds,
    JobId,
    Keyword,
    Labels,
    Limit,
    Offset,
    OrderBy,
    Statuses,
    Workspace,
    leads_to,
)
from toolkit.sandbox.service import Service

BASE_PATH = "/bulk-sms-api"
API_KEY = "0" * 64
_WORKSPACE = f"{BASE_PATH}/api/v1/workspace/{{workspace_id}}"


async def _service(request: Request) -> Service:
    service: Service = request.state.service
    return service


Opened = Annotated[Service, Depends(_service)]


@cache
def guide() -> FastAPI:
    """Build the guide's calls, once for all workspaces of a process: it takes longer than opening one."""
    app = FastAPI(
        title="Bulk SMS/MMS Campaigns (embedded)",
        version="1",
        description="The SeaX Bulk SMS/MMS guide, served from one file. It cannot text anybody.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Security(APIKeyHeader(name="X-API-KEY", auto_error=False)), Depends(_workspace)],
    )
    app.add_route("/docs", _docs, include_in_schema=False)
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    _add_calls(app)
    return app


def _add_calls(app: FastAPI) -> None:
    created = leads_to(get_campaign="campaign_id", get_logs="campaign_id")
    app.get(f"{_WORKSPACE}/phones", response_model=schemas.Phones, responses=READ_ERRORS)(get_phones)
    app.get(f"{_WORKSPACE}/contacts", response_model=schemas.Contacts, responses=READ_ERRORS)(get_contacts)
    app.post(
        f"{_WORKSPACE}/import_contacts", response_model=schemas.Job, responses=WRITE_ERRORS | leads_to(get_job="job_id")
    )(import_contacts)
    app.post(f"{_WORKSPACE}/campaigns", response_model=schemas.CreatedCampaign, responses=WRITE_ERRORS | created)(
        create_campaign
    )
    app.get(f"{_WORKSPACE}/campaigns/{{campaign_id}}", response_model=schemas.CampaignDetail, responses=READ_ERRORS)(
        get_campaign
    )
    app.get(f"{_WORKSPACE}/campaigns/{{campaign_id}}/logs", response_model=schemas.Logs, responses=READ_ERRORS)(
        get_logs
    )
    app.post(f"{_WORKSPACE}/send_message", response_model=schemas.Message, responses=WRITE_ERRORS)(send_message)
    app.get(f"{_WORKSPACE}/jobs/{{job_id}}", response_model=schemas.JobProgress, responses=READ_ERRORS)(get_job)


async def get_phones(
    service: Opened, offset: Offset = 0, limit: Limit = 10, is_owned: bool = False, enabled: bool = True
) -> Response:
    """Retrieve the phone numbers that campaigns can be sent from."""
    return _json(service.phones(offset=offset, limit=limit, is_owned=is_owned, enabled=enabled))


async def get_contacts(
    service: Opened,
    offset: Offset = 0,
    limit: Limit = 10,
    keyword: Keyword = "",
    any_contact_label_ids: Labels = "",
    all_contact_label_ids: Labels = "",
    exclude_contact_ids: ContactIds = "",
    exclude_labels: Labels = "",
    order_by: OrderBy = "created_time:desc",
) -> Response:
    """Retrieve and filter contacts."""
    wanted = Filter(
        keyword=keyword,
        any_labels=_split(any_contact_label_ids),
        all_labels=_split(all_contact_label_ids),
        exclude_ids=_split(exclude_contact_ids),
        exclude_labels=_split(exclude_labels),
    )
    order = orderings.parse(order_by)
    return _json(service.contacts(wanted, order=order, offset=offset, limit=limit))


async def import_contacts(
    service: Opened,
    file: Annotated[UploadFile, File(description="CSV with a header row.")],
    duplicate_strategy: schemas.DuplicateStrategy = "mark",
    phone_country: schemas.Country = "US",
) -> Response:
    """Import contacts from a CSV file with name, phone, whatsapp and labels columns; others become fields."""
    content = await file.read()
    return _json(service.import_contacts(content, strategy=duplicate_strategy, country=phone_country))


async def create_campaign(service: Opened, new: schemas.NewCampaign) -> Response:
    """Create a campaign. It is sent at once to all selected contacts, unless it is scheduled."""
    return _json(
        service.create_campaign(
            CampaignRequest(
                name=new.name,
                type=new.type,
                message=new.message,
                phone_ids=new.phone_ids,
                audience=Filter(
                    any_labels=tuple(new.any_contact_label_ids),
                    all_labels=tuple(new.all_contact_label_ids),
                    exclude_ids=tuple(new.exclude_contact_ids),
                    exclude_labels=tuple(new.exclude_any_contact_label_ids),
                ),
                start_time=new.start_time,
                end_time=new.end_time,
                is_schedule=new.is_schedule,
                enable_link_shortening=new.enable_link_shortening,
                attach_labels=new.attach_contact_label_ids,
            )
        )
    )


async def get_campaign(service: Opened, campaign_id: CampaignId) -> Response:
    """Get a campaign with its statistics."""
    return _json(service.campaign(campaign_id))


async def get_logs(
    service: Opened, campaign_id: CampaignId, message_statuses: Statuses = "", offset: Offset = 0, limit: Limit = 10
) -> Response:
    """Retrieve the outcome of a campaign's messages, in sending order."""
    statuses = _statuses(message_statuses)
    return _json(service.logs(campaign_id, statuses=statuses, offset=offset, limit=limit))


async def send_message(service: Opened, new: schemas.NewMessage) -> Response:
    """Send one message to one number."""
    return _json(
        service.send_message(
            phone_number=new.phone_number,
            to_phone_number=new.to_phone_number,
            content=new.content,
            media_urls=[str(url) for url in new.media_urls],
        )
    )


async def get_job(service: Opened, job_id: JobId) -> Response:
    """Get the progress of an import or of a campaign. (The vendor publishes this call; the guide does not.)"""
    return _json(service.job(job_id))


async def _workspace(workspace_id: Workspace) -> None:
    """Describe the path's workspace; the gate has checked it already."""


async def _docs(request: Request) -> Response:
    origin = f"{request.url.scheme}://{request.url.netloc}"
    document, campaigns = request.app.openapi(), (await _service(request)).campaigns()
    page = docs.page(document, campaigns=campaigns, api_key=API_KEY, origin=origin)
    return HTMLResponse(page, headers={"content-security-policy": docs.POLICY})


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _split(commas: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in commas.split(",") if part.strip())


def _statuses(commas: str) -> tuple[str, ...]:
    statuses = tuple(part.strip(" ") for part in commas.split(",")) if commas else ()
    for status in statuses:
        if status not in schemas.LOG_STATUSES:
            raise Refused(
                422,
                f"message_statuses takes {', '.join(schemas.LOG_STATUSES)}, not {status!r}",
                field="message_statuses",
                code="INVALID_VALUE",
            )
    return statuses


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal(error, request.scope)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    field = "body" if first["type"] == "json_invalid" or not where else where[0]
    return refusal(Refused(422, f"{field}: {first['msg']}", field=field, code=_code(first["type"])), request.scope)


def _code(kind: str) -> str:
    """Turn pydantic's kind of error into a code of ours."""
    match kind:
        case "missing":
            return "REQUIRED"
        case "json_invalid":
            return "INVALID_JSON"
        case "int_parsing" | "bool_parsing":
            return "INVALID_TYPE"
        case _ if kind.endswith("_type"):
            return "INVALID_TYPE"
        case _ if kind.endswith("_parsing"):
            return "INVALID_FORMAT"
        case _:
            return "INVALID_VALUE"


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    reply = refusal(Refused(error.status_code, str(error.detail)), request.scope)
    reply.headers.update(error.headers or {})
    return reply
