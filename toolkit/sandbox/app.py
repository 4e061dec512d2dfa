"""The guide over HTTP: paths, parameters and error bodies; every operation is the service's."""

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, File, Query, Request, Response, Security, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.security import APIKeyHeader
from starlette.exceptions import HTTPException

from toolkit.sandbox import orderings, wire
from toolkit.sandbox.contacts import Filter
from toolkit.sandbox.errors import TITLES, Refused, refusal
from toolkit.sandbox.faults import FaultInjector, Faults
from toolkit.sandbox.gate import Gate, Limiter
from toolkit.sandbox.service import WORKSPACE_ID, CampaignRequest, Service

BASE_PATH = "/bulk-sms-api"
API_KEY = "0" * 64
MOST_ROWS = 10_000

Offset = Annotated[int, Query(ge=0, le=2**53, description="Number of rows to skip.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Number of rows to return.")]
Commas = Annotated[str, Query(description="Comma-separated values.")]

_ERROR_SCHEMA = {"$ref": "#/components/schemas/Error"}


def create_app(service: Service, *, limiter: Limiter, faults: Faults | None) -> FastAPI:
    """Build the ASGI application over one service."""
    app = FastAPI(
        title="Bulk SMS/MMS Campaigns (embedded)",
        version="1",
        description="The SeaX Bulk SMS/MMS guide, served from one file. It can text nobody.",
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(_routes(service))
    if faults is not None:
        app.add_middleware(FaultInjector, faults=faults, shift=service.add_newcomer)
    app.add_middleware(Gate, workspace_id=WORKSPACE_ID, api_key=API_KEY, limiter=limiter)
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    return app


def _routes(service: Service) -> APIRouter:
    # One model is described per route; the others only refer to it, which keeps opening a workspace quick.
    errors: dict[int | str, dict[str, Any]] = {
        status: {"description": TITLES[status], "content": {"application/json": {"schema": _ERROR_SCHEMA}}}
        for status in (400, 401, 404, 405, 413, 415, 429)
    }
    errors[422] = {"model": wire.Error}
    routes = APIRouter(
        prefix=f"{BASE_PATH}/api/v1/workspace/{{workspace_id}}",
        responses=errors,
        dependencies=[Security(APIKeyHeader(name="X-API-KEY", auto_error=False))],
    )

    @routes.get("/phones", response_model=wire.Phones)
    async def get_phones(
        offset: Offset = 0, limit: Limit = 10, is_owned: bool = False, enabled: bool = True
    ) -> Response:
        """Retrieve the phone numbers that campaigns can be sent from."""
        return _json(service.phones(offset=offset, limit=limit, is_owned=is_owned, enabled=enabled))

    @routes.get("/contacts", response_model=wire.Contacts)
    async def get_contacts(
        offset: Offset = 0,
        limit: Limit = 10,
        keyword: str = "",
        any_contact_label_ids: Commas = "",
        all_contact_label_ids: Commas = "",
        exclude_contact_ids: Commas = "",
        exclude_labels: Commas = "",
        order_by: str = "created_time:desc",
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

    @routes.post("/import_contacts", response_model=wire.Job)
    async def import_contacts(
        file: Annotated[UploadFile, File(description="CSV with a header row.")],
        duplicate_strategy: wire.DuplicateStrategy = "mark",
        phone_country: wire.Country = "US",
    ) -> Response:
        """Import contacts from a CSV file with name, phone, whatsapp and labels columns; others become fields."""
        content = await file.read()
        return _json(service.import_contacts(content, strategy=duplicate_strategy, country=phone_country))

    @routes.post("/campaigns", response_model=wire.CreatedCampaign)
    async def create_campaign(new: wire.NewCampaign) -> Response:
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

    @routes.get("/campaigns/{campaign_id}", response_model=wire.CampaignDetail)
    async def get_campaign(campaign_id: str) -> Response:
        """Get a campaign with its statistics."""
        return _json(service.campaign(campaign_id))

    @routes.get("/campaigns/{campaign_id}/logs", response_model=wire.Logs)
    async def get_logs(
        campaign_id: str, message_statuses: Commas = "", offset: Offset = 0, limit: Limit = 10
    ) -> Response:
        """Retrieve what has become of a campaign's messages, in sending order."""
        statuses = _split(message_statuses)
        for status in statuses:
            if status not in wire.LOG_STATUSES:
                raise Refused(
                    422,
                    f"message_statuses takes {', '.join(wire.LOG_STATUSES)}, not {status!r}",
                    field="message_statuses",
                    code="INVALID_VALUE",
                )
        return _json(service.logs(campaign_id, statuses=statuses, offset=offset, limit=limit))

    @routes.post("/send_message", response_model=wire.Message)
    async def send_message(new: wire.NewMessage) -> Response:
        """Send one message to one number."""
        return _json(
            service.send_message(
                phone_number=new.phone_number,
                to_phone_number=new.to_phone_number,
                content=new.content,
                media_urls=[str(url) for url in new.media_urls],
            )
        )

    @routes.get("/jobs/{job_id}", response_model=wire.JobProgress)
    async def get_job(job_id: str) -> Response:
        """Get the progress of an import or of a campaign. (The vendor publishes this call; the guide does not.)"""
        return _json(service.job(job_id))

    return routes


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _split(commas: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in commas.split(",") if part.strip())


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal(error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    field = "body" if first["type"] == "json_invalid" or not where else where[0]
    return refusal(Refused(422, f"{field}: {first['msg']}", field=field, code=_code(first["type"])))


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
    reply = refusal(Refused(error.status_code, str(error.detail)))
    reply.headers.update(error.headers or {})
    return reply
