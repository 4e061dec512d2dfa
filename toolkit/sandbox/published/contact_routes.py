"""The published calls on contacts: lists, labels, imports and their jobs; every operation is in the modules beside."""

from typing import Annotated

from fastapi import File, Query, Response, UploadFile

from toolkit.sandbox.contacts import Filter
from toolkit.sandbox.published import jobs, lists, people, schemas
from toolkit.sandbox.published.lists import split
from toolkit.sandbox.published.parameters import Opened, Paged, json_reply


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
    return json_reply(lists.contacts(service, page, wanted, order_by=order_by, exclude_names=names))


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
    return json_reply(
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


async def create_contact_label(service: Opened, new: schemas.NewContactLabel) -> Response:
    """Make a label."""
    return json_reply(people.create_label(service, new))


async def delete_contact_label(service: Opened, contact_label_id: str) -> Response:
    """Delete a label, which nobody has afterwards."""
    people.delete_label(service, contact_label_id)
    return Response(status_code=204)


async def update_contact(service: Opened, contact_id: str, changes: schemas.UpdateContact) -> Response:
    """Change a contact; its labels are replaced."""
    return json_reply(people.update_contact(service, contact_id, changes))


async def import_contacts(
    service: Opened,
    file: Annotated[UploadFile, File(description="CSV with a header row.")],
    duplicate_strategy: schemas.DuplicateStrategy = "mark",
) -> Response:
    """Import contacts from a CSV file with name, phone, whatsapp and labels columns; others become fields."""
    return json_reply(jobs.import_contacts(service, await file.read(), strategy=duplicate_strategy), status=201)


async def list_jobs(
    service: Opened, page: Paged, job_types: str | None = None, job_statuses: str | None = None
) -> Response:
    """List jobs, the newest first."""
    return json_reply(jobs.listed(service, page, types=split(job_types), statuses=split(job_statuses)))


async def get_job(service: Opened, job_id: str) -> Response:
    """Get one job."""
    return json_reply(jobs.shown(service, job_id), status=201)
