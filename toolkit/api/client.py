"""The only place with HTTP, over `toolkit.api.network`.

Reads are retried with backoff; a `retry_after` delays every read until it is over; where a `limit` is refused,
smaller pages are requested. Redirects are not followed, so the key goes to one host alone. The three calls that change
something outside (`create_campaign`, `send_message`, `import_contacts`) are never retried; only
`toolkit.sending.outbox` names them.
Requests go straight to an httpx transport, because httpx's client costs nearly as much per page as fetching it.
The key is kept in a SecretStr and in open requests only, so it is in no repr, log or traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import stamina
from pydantic import SecretStr

from toolkit.api import guide, pages
from toolkit.api.columns import CONTACTS, LOGS, LabelBook, Listing
from toolkit.api.json_reply import json_of
from toolkit.api.media_headers import ask_media
from toolkit.api.network import DeadlinePassed, Network, ReplyTooLarge
from toolkit.api.pause import Pause
from toolkit.api.refusals import one_line, read_error
from toolkit.errors import (
    ConnectionLost,
    GarbledReply,
    InvalidRequest,
    NotFound,
    NotSupported,
    RateLimited,
    RequestTooLarge,
    ServiceError,
    SettingsError,
    Unauthorized,
    UnexpectedReply,
    Unreachable,
)
from toolkit.models import Campaign, CampaignRequest, ImportRequest, Job, Media, Message, MessageRequest, Phone
from toolkit.settings import host_of

logging.getLogger("stamina").addHandler(logging.NullHandler())  # retries go to logs, not to a notebook

_TIMEOUTS = {"timeout": httpx.Timeout(60, connect=10).as_dict()}
_HEADERS = {"accept": "application/json", "accept-encoding": "gzip, deflate", "user-agent": "seax-toolkit"}
_MOST_PHONES = 1_000  # a page
_SMALLER = (500, 250, 200, 100, 50, 25, 20, 10)  # rows per page, tried in this order where a limit is refused
_LONGEST_WAIT = 120.0  # seconds; a longer wait is reported as an error

# Errors raised before a byte of the request was sent: the caller may try again.
_NOT_STARTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Client:
    """The service's calls with typed results; safe to use from several threads."""

    def __init__(
        self,
        base_url: str,
        workspace_id: str,
        key: SecretStr,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Pause | None = None,
    ) -> None:
        self.workspace_id = workspace_id
        self.base_url = base_url
        self._key = key
        self._media_transport = transport
        self._pause = pause or Pause()
        self._address = f"{base_url}/api/v1/workspace/{workspace_id}/"
        self._most_rows: dict[str, int] = {}  # per page, by path, where the service refused more
        try:
            url, self.host = httpx.URL(base_url), host_of(base_url)
            self._name = url.host  # fails for a name that no host can have
        except (httpx.InvalidURL, ValueError) as error:  # the latter for an invalid host name or port
            raise SettingsError(f"SEAX_BASE_URL {base_url!r} is not a web address: correct it.") from error
        self._transport = transport or Network(url)

    def __repr__(self) -> str:
        return f"Client({self._name!r}, workspace_id={self.workspace_id!r})"

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def media(self, url: str) -> Media | None:
        """What a public address reports about its picture or video; None if it does not answer."""
        return ask_media(url, transport=self._media_transport)

    @property
    def fills_placeholders(self) -> bool:
        """The service fills contacts' values into a campaign's text."""
        return guide.FILLS_PLACEHOLDERS

    def phones(self) -> tuple[Phone, ...]:
        """Every sender of the workspace, enabled or not."""
        found: dict[str, Phone] = {}
        for enabled in ("true", "false"):
            offset, total, read = 0, 1, set[str]()
            while offset < total:
                body = self._page(guide.PHONES, offset, _MOST_PHONES, enabled=enabled)
                phones, total = guide.read_sender_phones(body)
                new = {phone.id: phone for phone in phones if phone.id not in read}
                if total < 0 or (not new and offset < total):
                    raise UnexpectedReply(
                        f"The service counts {total:,} senders and gives no other after the first {offset:,}: try "
                        "again, and contact SeaX if it happens again."
                    )
                found |= new
                read |= new.keys()
                offset += len(phones)
        return tuple(found.values())

    def contacts(self, book: LabelBook, *, any_of: Sequence[str] = (), order: str = "") -> Listing:
        """All contacts, or those with one of these labels, newest first or in an order the service may refuse; labels
        become codes of `book`."""
        filters = guide.contact_filters(any_of=any_of, order=order)

        def fetch(offset: int, limit: int) -> bytes:
            return self._page(guide.CONTACTS_LIST, offset, limit, **filters)

        return Listing(fetch, lambda body: pages.read_contacts(body, book), CONTACTS)

    def logs(self, campaign_id: str, *, statuses: Sequence[str] = ()) -> Listing:
        """A campaign's delivery log."""
        path, filters = guide.logs_path(_part(campaign_id)), guide.log_filters(statuses)

        def fetch(offset: int, limit: int) -> bytes:
            return self._page(path, offset, limit, **filters)

        return Listing(fetch, pages.read_logs, LOGS)

    def campaign(self, campaign_id: str) -> Campaign:
        """One campaign with its statistics."""
        return guide.read_campaign(self._read(guide.campaign_path(_part(campaign_id)), {}))

    def job(self, job_id: str) -> Job:
        """One background job; NotSupported where the service has no such call."""
        try:
            return guide.read_job(self._read(guide.job_path(_part(job_id)), {}))
        except NotFound as error:
            raise NotSupported(
                f"The service does not report on job {job_id}: read the contacts again to see its result."
            ) from error

    def create_campaign(self, request: CampaignRequest) -> Campaign:
        """Send a campaign. It starts at once, or is scheduled; it cannot be recalled. Never retried."""
        body = self._once(guide.CAMPAIGNS, json=guide.campaign_body(request))
        return guide.read_sent(guide.read_campaign, body)

    def send_message(self, request: MessageRequest) -> Message:
        """Send one message. Never retried."""
        body = self._once(guide.MESSAGE, json=guide.message_body(request))
        return guide.read_sent(guide.read_message, body)

    def import_contacts(self, request: ImportRequest) -> Job:
        """Upload a CSV of contacts. Never retried."""
        body = self._once(
            guide.IMPORT,
            guide.import_params(request),
            files={"file": (request.filename, request.content, "text/csv")},
        )
        return guide.read_sent(guide.read_job, body)

    def _page(self, path: str, offset: int, limit: int, **filters: str) -> bytes:
        """A page of a list: with fewer rows than `limit`, where the service refuses that many."""
        limit = min(limit, self._most_rows.get(path, limit))
        try:
            return self._read(path, guide.page_params(offset, limit) | filters)
        except InvalidRequest as error:
            if error.field not in {None, "limit"} or "order_by" in filters:
                raise
            for smaller in _SMALLER:
                if smaller < limit:
                    with suppress(InvalidRequest):
                        body = self._read(path, guide.page_params(offset, smaller) | filters)
                        self._most_rows[path] = smaller
                        return body
            raise  # it has another reason

    def _read(self, path: str, params: dict[str, str]) -> bytes:
        for attempt in stamina.retry_context(_read_again, attempts=6, timeout=300.0, wait_max=20.0):
            with attempt:
                self._pause.wait()
                response = self._request("GET", path, params)
                if response.status_code != 200:
                    error = self._error(response)
                    if isinstance(error, RateLimited) and _read_again(error):
                        self._pause.extend(error.retry_after or 0)
                    raise error
        return json_of(response.content)

    def _once(self, path: str, params: dict[str, str] | None = None, **content: Any) -> bytes:
        response = self._request("POST", path, params or {}, **content)
        if not response.is_success:
            error = self._error(response)
            if isinstance(error, RequestTooLarge):
                error.bytes = len(httpx.Request("POST", self._address, **content).read())
            raise error
        return json_of(response.content)

    def _error(self, response: httpx.Response) -> ServiceError:
        """The message of a refusal, with the key removed should the service repeat it."""
        key = self._key.get_secret_value()
        body = response.content.replace(key.encode(), b"(key)")
        location = response.headers.get("location", "").replace(key, "(key)")
        return read_error(response.status_code, body, response.headers.get("retry-after"), location)

    def _request(self, method: str, path: str, params: dict[str, str], **content: Any) -> httpx.Response:
        url = f"{self._address}{path}?{urlencode(params)}" if params else f"{self._address}{path}"
        request = httpx.Request(method, url, headers=_HEADERS, extensions=_TIMEOUTS, **content)
        request.headers["X-API-KEY"] = self._key.get_secret_value()
        try:
            response = self._transport.handle_request(request)
            try:
                response.read()
            finally:
                response.close()
        except httpx.RequestError as error:
            raise self._failure(error, "; try again." if method == "GET" else ".") from error
        finally:
            del request.headers["X-API-KEY"]  # a debugger or error reporter would print it
        return response

    def _failure(self, error: httpx.RequestError, end: str) -> ServiceError:
        """The error for a request without a complete reply: Unreachable only if no byte of it was sent."""
        why = one_line(str(error)) or type(error).__name__
        if isinstance(error, _NOT_STARTED):
            return Unreachable(
                f"{self._name} could not be reached ({why}): check the network and SEAX_BASE_URL. Nothing was sent."
            )
        if isinstance(error, ReplyTooLarge):
            return UnexpectedReply(f"The reply of {self._name} was not read, because {why}: check SEAX_BASE_URL.")
        if isinstance(error, httpx.DecodingError):
            return GarbledReply(f"The reply of {self._name} cannot be read: {why}{end}")
        return ConnectionLost(f"The connection to {self._name} broke before an answer came ({why}){end}")


def is_definite_refusal(error: ServiceError) -> bool:
    """True if the error proves that the service did not act on a request: it was never sent, or was rejected."""
    if isinstance(error, (Unreachable, Unauthorized, NotFound, InvalidRequest, RateLimited)):
        return True
    return error.status is not None and 400 <= error.status < 500 and error.status != 408


def _read_again(error: Exception) -> bool:
    if isinstance(error, RateLimited):
        return (error.retry_after or 0) <= _LONGEST_WAIT
    if isinstance(error, (Unreachable, ConnectionLost)):
        return not isinstance(error.__cause__, DeadlinePassed)  # a slow request would be slow again
    return isinstance(error, ServiceError) and error.status in {500, 502, 503, 504}


def _part(identifier: str) -> str:
    return quote(identifier, safe="").replace(".", "%2E")  # ".." must not lead out of the workspace
