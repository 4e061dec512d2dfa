"""The published API over HTTP: paths, parameters and error bodies; every operation is in the modules beside."""

from functools import cache
from typing import Annotated, Any

from fastapi import Depends, FastAPI, File, Path, Query, Request, Response, Security, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyHeader
from starlette.exceptions import HTTPException

from toolkit.sandbox.contacts import Filter
from toolkit.sandbox.errors import PUBLISHED_PATH, TITLES, Refused, refusal
from toolkit.sandbox.published import bulk, campaigns, drafts, inbox, jobs, lists, messages, people, replies, schemas
from toolkit.sandbox.published.campaigns import Wanted
from toolkit.sandbox.published.lists import Page, split
from toolkit.sandbox.service import WORKSPACE_ID, Service

_WORKSPACE = f"{PUBLISHED_PATH}/api/v1/workspace/{{workspace_id}}"
_MOST = 2**53
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": replies.Refusal, "description": TITLES[status]} for status in (400, 401, 404, 413, 429)
}

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


async def _workspace(workspace_id: Annotated[str, Path(json_schema_extra={"const": WORKSPACE_ID})]) -> None:
    """Describe the path's workspace; the gate has checked it already."""


Opened = Annotated[Service, Depends(_service)]
Paged = Annotated[Page, Depends(_page)]
AllPaged = Annotated[Page, Depends(_page_of_all)]


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

    @app.get(f"{_WORKSPACE}/phones", response_model=replies.Page[replies.PhoneDetail])
    async def get_phones(
        service: Opened, page: Paged, is_owned: bool = False, enabled: bool = True, voice_available: bool | None = None
    ) -> Response:
        """List the phone numbers that campaigns can be sent from."""
        return _json(lists.phones(service, page, is_owned=is_owned, enabled=enabled, voice_available=voice_available))

    @app.get(f"{_WORKSPACE}/contacts", response_model=replies.Page[replies.Contact])
    async def get_contacts(
        service: Opened,
        page: Paged,
        keyword: str = "",
        whatsapp_phone: str = "",
        all_contact_label_ids: str = "",
        any_contact_label_ids: str = "",
        exclude_contact_ids: str = "",
        exclude_any_contact_label_ids: str = "",
        exclude_all_contact_label_ids: str = "",
        addition_contact_ids: str = "",
        order_by: str = "created_time:desc",
        exclude_labels: Annotated[str, Query(description="Names, not ids.")] = "",
        whatsapp_phone_only: bool = False,
        phone_only: bool = False,
    ) -> Response:
        """List and filter contacts."""
        wanted = Filter(
            keyword=keyword,
            any_labels=split(any_contact_label_ids),
            all_labels=split(all_contact_label_ids),
            additional_ids=split(addition_contact_ids),
            exclude_ids=split(exclude_contact_ids),
            exclude_labels=split(exclude_any_contact_label_ids),
            exclude_all_labels=split(exclude_all_contact_label_ids),
            has_phone=phone_only,
            has_whatsapp=whatsapp_phone_only,
            whatsapp_phone=whatsapp_phone,
            do_additions_win=service.behaviour.published.do_additions_win,
        )
        names = split(exclude_labels)
        return _json(lists.contacts(service, page, wanted, order_by=order_by, exclude_names=names))

    @app.get(f"{_WORKSPACE}/contact_labels", response_model=replies.Page[replies.CountedLabel])
    async def get_contact_labels(
        service: Opened,
        page: Paged,
        keyword: str = "",
        order_by: str = "name:desc",
        is_system: bool | None = None,
        exclude_labels: str = "",
        exclude_labels_for_count: str = "",
        contact_counting: bool = True,
        whatsapp_phone_only: bool = False,
        phone_only: bool = False,
    ) -> Response:
        """List labels with the number of contacts that have each."""
        return _json(
            lists.labels(
                service,
                page,
                keyword=keyword,
                order_by=order_by,
                is_system=is_system,
                exclude_names=split(exclude_labels),
                are_counted=contact_counting,
                counted=Filter(has_phone=phone_only, has_whatsapp=whatsapp_phone_only),
                uncounted_names=split(exclude_labels_for_count),
            )
        )

    @app.post(f"{_WORKSPACE}/contact_labels", response_model=replies.Label)
    async def create_contact_label(service: Opened, new: schemas.NewContactLabel) -> Response:
        """Make a label."""
        return _json(people.create_label(service, new))

    @app.patch(f"{_WORKSPACE}/contacts/{{contact_id}}", response_model=replies.Contact)
    async def update_contact(service: Opened, contact_id: str, changes: schemas.UpdateContact) -> Response:
        """Change a contact; its labels are replaced."""
        return _json(people.update_contact(service, contact_id, changes))

    @app.post(f"{_WORKSPACE}/import_contacts", status_code=201, response_model=replies.Job)
    async def import_contacts(
        service: Opened,
        file: Annotated[UploadFile, File(description="CSV with a header row.")],
        duplicate_strategy: schemas.DuplicateStrategy = "mark",
    ) -> Response:
        """Import contacts from a CSV file with name, phone, whatsapp and labels columns; others become fields."""
        return _json(jobs.import_contacts(service, await file.read(), strategy=duplicate_strategy), status=201)

    @app.get(f"{_WORKSPACE}/jobs", response_model=replies.Page[replies.Job])
    async def list_jobs(
        service: Opened, page: Paged, job_types: str | None = None, job_statuses: str | None = None
    ) -> Response:
        """List jobs, the newest first."""
        return _json(jobs.listed(service, page, types=split(job_types), statuses=split(job_statuses)))

    @app.get(f"{_WORKSPACE}/jobs/{{job_id}}", status_code=201, response_model=replies.Job)
    async def get_job(service: Opened, job_id: str) -> Response:
        """Get one job."""
        return _json(jobs.shown(service, job_id), status=201)

    @app.get(f"{_WORKSPACE}/campaigns", response_model=replies.Page[replies.Campaign])
    async def list_campaigns(
        service: Opened,
        page: Paged,
        types: str | None = None,
        phone_numbers: str | None = None,
        ai_agent_conversation_config_id: str | None = None,
        statuses: str | None = None,
        mode: schemas.Mode | None = None,
        stage: schemas.Stage = "INSTANCE",
        start_time_from: When = None,
        start_time_to: When = None,
        end_time_from: When = None,
        end_time_to: When = None,
        order_by: str = "created_time:desc",
    ) -> Response:
        """List campaigns with their statistics."""
        wanted = Wanted(
            types=split(types),
            phone_numbers=split(phone_numbers),
            statuses=split(statuses),
            mode=mode,
            stage=stage,
            start_from=start_time_from,
            start_to=start_time_to,
            end_from=end_time_from,
            end_to=end_time_to,
        )
        return _json(campaigns.listed(service, page, wanted, order_by=order_by))

    @app.post(f"{_WORKSPACE}/campaigns", response_model=replies.Campaign)
    async def create_campaign(service: Opened, new: schemas.NewCampaign) -> Response:
        """Create a campaign. At stage INSTANCE it is sent at once to all selected contacts, unless it is scheduled."""
        return _json(drafts.create(service, new))

    @app.get(f"{_WORKSPACE}/campaigns/{{campaign_id}}", response_model=replies.Campaign)
    async def get_campaign(service: Opened, campaign_id: str) -> Response:
        """Get a campaign with its statistics."""
        return _json(campaigns.shown(service, campaign_id))

    @app.patch(f"{_WORKSPACE}/campaigns/{{campaign_id}}", response_model=replies.Campaign)
    async def update_campaign(service: Opened, campaign_id: str, changes: schemas.UpdateCampaign) -> Response:
        """Change or launch a draft, or cancel a campaign."""
        return _json(drafts.update(service, campaign_id, changes))

    @app.delete(f"{_WORKSPACE}/campaigns/{{campaign_id}}", status_code=204)
    async def delete_campaign(service: Opened, campaign_id: str) -> Response:
        """Delete a draft, or cancel what has not begun."""
        drafts.delete(service, campaign_id)
        return Response(status_code=204)

    @app.get(f"{_WORKSPACE}/campaigns/{{campaign_id}}/logs", response_model=replies.Logs)
    async def list_campaign_logs(
        service: Opened,
        page: Paged,
        campaign_id: str,
        message_statuses: str | None = None,
        whatsapp_message_statuses: str | None = None,
    ) -> Response:
        """List a campaign's messages, in sending order, and the campaign."""
        return _json(campaigns.logs(service, campaign_id, page, statuses=split(message_statuses)))

    @app.post(f"{_WORKSPACE}/messages/sms", response_model=replies.SentMessage)
    async def send_sms_message(service: Opened, new: schemas.SMSMessage) -> Response:
        """Send one message to one number."""
        return _json(messages.send(service, new))

    @app.post(f"{_WORKSPACE}/general_campaigns/sms", response_model=replies.BulkCampaign)
    async def create_sms_campaign(service: Opened, new: schemas.CreateCampaignSMS) -> Response:
        """Send a text to each of some numbers."""
        return _json(bulk.create(service, new))

    @app.get(f"{_WORKSPACE}/message", status_code=202, response_model=replies.Page[replies.ListedMessage])
    async def get_messages(
        service: Opened,
        page: AllPaged,
        contact_phones: str = "",
        start_time: When = None,
        end_time: When = None,
        order_by: str = "created_time:desc",
    ) -> Response:
        """List messages that were sent or received, by the time they were created."""
        wanted = inbox.Wanted(split(contact_phones), start_time, end_time)
        return _json(inbox.listed(service, page, wanted, order_by=order_by), status=202)

    @app.get(f"{_WORKSPACE}/messaging_services", response_model=replies.Page[replies.MessagingService])
    async def get_messaging_services(
        service: Opened,
        offset: Offset = 0,
        limit: Annotated[int, Query(ge=0, le=1000)] = 0,
        tags: str = "Verified",
    ) -> Response:
        """List the messaging services that campaigns are sent through."""
        return _json(lists.services(service, Page(offset, limit), tags=tags))

    @app.get(f"{_WORKSPACE}/messaging_services/{{messaging_service_id}}", response_model=replies.MessagingServiceDetail)
    async def get_messaging_service(service: Opened, messaging_service_id: str) -> Response:
        """Get a messaging service with its senders and what it is registered for."""
        return _json(lists.service_detail(service, messaging_service_id))

    return app


def _json(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status_code=status, media_type="application/json")


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
