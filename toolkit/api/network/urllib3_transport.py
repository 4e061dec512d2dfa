"""The network beneath httpx: urllib3, which reads a large reply in less than half the time that httpx takes.

A request has one deadline, however slowly bytes arrive, and a reply one maximum size, unpacked. Errors are httpx's own,
in our words and without a reference to the request, whose headers contain the key. Redirects are not followed.
"""

from __future__ import annotations

import ssl
import time
import zlib
from contextlib import suppress
from contextvars import ContextVar
from http.client import HTTPResponse
from io import BufferedReader, BytesIO, RawIOBase
from socket import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

import httpx
import urllib3
from urllib3 import exceptions

from toolkit.errors import SettingsError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LARGEST_REPLY = 64 * 1024**2  # bytes of a reply, unpacked: 64 kB for each of a page's 1,000 rows
LONGEST = 120.0  # seconds per request, and one more for each UPLOADED bytes that it uploads
UPLOADED = 50_000

_CONNECTIONS = 32  # kept open at most
_PACKED = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}  # window bits, as zlib has them, with a head or bare

_ends: ContextVar[float] = ContextVar("deadline of the request of this thread")


class DeadlinePassed(httpx.ReadTimeout):
    """A request that took too long in total, although data kept arriving."""


class ReplyTooLarge(httpx.ReadError):
    """A reply larger than any documented one."""


class Network(httpx.BaseTransport):
    """The connection to one address, through the proxy in the environment, if any; safe to use from several threads.

    Raises SettingsError if that proxy, or the certificates in the environment, cannot be used.
    """

    def __init__(self, url: httpx.URL, *, longest: float = LONGEST, largest: int = LARGEST_REPLY) -> None:
        self._longest, self._largest = longest, largest
        context = _certificates() if url.scheme == "https" else None
        proxy = _proxy(url)
        if proxy:
            headers = urllib3.make_headers(proxy_basic_auth=unquote(proxy.auth)) if proxy.auth else None
            self._pool: urllib3.PoolManager = urllib3.ProxyManager(
                proxy.url, maxsize=_CONNECTIONS, proxy_headers=headers, ssl_context=context
            )
        else:
            self._pool = urllib3.PoolManager(maxsize=_CONNECTIONS, ssl_context=context)
        self._pool.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request and its complete reply, unpacked, without a retry or a redirect.

        Raises httpx.ConnectError if nothing was sent, any other httpx.RequestError if it may have been.
        """
        failure: BaseException
        try:
            return self._reply(request)
        except exceptions.HTTPError as error:
            failure = _kind(error)(_reason(error), request=request)
        except (httpx.RequestError, KeyboardInterrupt) as error:
            failure = error
        if type(failure) in {httpx.ReadTimeout, httpx.ReadError} and time.monotonic() >= _ends.get():
            failure = DeadlinePassed(f"it was not complete after {self._longest:g} s", request=request)
        failure.__context__ = None
        raise failure.with_traceback(None)  # without the frames that contain the request

    def _reply(self, request: httpx.Request) -> httpx.Response:
        body, seconds = request.read(), request.extensions["timeout"]
        _ends.set(time.monotonic() + self._longest + len(body) / UPLOADED)
        reply = self._pool.request(
            request.method,
            str(request.url),
            body=_Upload(body) if body else None,  # is sent in pieces, each of which may take as long as a connection
            headers=dict(request.headers),
            timeout=urllib3.Timeout(connect=seconds["connect"], read=seconds["read"]),
            retries=False,
            redirect=False,
            decode_content=False,
            preload_content=False,
        )
        try:
            content = self._read(reply, reply.headers.get("content-encoding", "").strip().lower())
        except BaseException:
            reply.close()
            raise
        finally:
            reply.release_conn()
        headers = [(name, value) for name, value in reply.headers.items() if name.lower() != "content-encoding"]
        return httpx.Response(reply.status, headers=headers, content=content)

    def _read(self, reply: urllib3.BaseHTTPResponse, packing: str) -> bytes:
        packed = b""
        while piece := reply.read(self._largest + 1 - len(packed), decode_content=False):
            packed = packed + piece if packed else piece
            if len(packed) > self._largest:
                raise ReplyTooLarge(f"it is larger than {self._largest / 1024**2:g} MiB")
        if not packed or packing in {"", "identity"}:
            return packed
        if packing not in _PACKED:
            raise httpx.DecodingError("it is compressed in a way that was not asked for")
        for bits in _PACKED[packing]:
            with suppress(zlib.error):
                return self._unpacked(packed, bits)
        raise httpx.DecodingError(f"it is marked as compressed with {packing}, and cannot be unpacked")

    def _unpacked(self, packed: bytes, bits: int) -> bytes:
        unpacking, content = zlib.decompressobj(bits), b""
        while packed:  # a reply may be several compressed pieces in a row
            content += unpacking.decompress(packed, self._largest + 1 - len(content))
            if len(content) > self._largest:
                raise ReplyTooLarge(f"it is larger than {self._largest / 1024**2:g} MiB unpacked")
            if not unpacking.eof:
                raise zlib.error
            packed, unpacking = unpacking.unused_data, zlib.decompressobj(bits)
        return content

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


class _Upload(BytesIO):
    """Sends the pieces until the deadline."""

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() >= _ends.get():
            raise TimeoutError
        return super().read(size)


class _Incoming(RawIOBase):
    """Data received over a socket, each piece within its own timeout, and all within that of the request."""

    def __init__(self, link: socket) -> None:
        self._link, self._each = link, link.gettimeout()
        self._pieces: Any = link.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        remaining = _ends.get() - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._link.settimeout(remaining if self._each is None else min(remaining, self._each))
        read: int | None = self._pieces.readinto(buffer)
        return read

    def close(self) -> None:
        self._pieces.close()
        super().close()


class _Reply(HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = BufferedReader(_Incoming(sock))


class _Connection(urllib3.connection.HTTPConnection):
    response_class = _Reply


class _SecureConnection(urllib3.connection.HTTPSConnection):
    response_class = _Reply


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _kind(error: exceptions.HTTPError) -> type[httpx.TransportError]:
    if isinstance(error, exceptions.ProxyError) and isinstance(error.original_error, exceptions.HTTPError):
        return _kind(error.original_error)
    if isinstance(error, (exceptions.ConnectTimeoutError, exceptions.LocationValueError)):
        return httpx.ConnectError
    if _is_untrusted(error):
        return httpx.ConnectError
    return httpx.ReadTimeout if isinstance(error, exceptions.TimeoutError) else httpx.ReadError


def _reason(error: exceptions.HTTPError) -> str:
    """What went wrong, in words."""
    if isinstance(error, exceptions.ProxyError):
        behind = error.original_error
        why = _reason(behind) if isinstance(behind, exceptions.HTTPError) else "it did not let the request through"
        return f"by the proxy that the environment names: {why}"
    if _is_untrusted(error):
        return "this machine does not trust its certificate"
    if isinstance(error, exceptions.SSLError):
        return "no encrypted connection could be made"
    reasons: list[tuple[type[exceptions.HTTPError], str]] = [
        (exceptions.NameResolutionError, "its name could not be resolved"),
        (exceptions.LocationValueError, "its address is not a web address"),
        (exceptions.NewConnectionError, "the connection was refused or failed"),
        (exceptions.ConnectTimeoutError, "the connection timed out"),
        (exceptions.TimeoutError, "no data arrived in time"),
        (exceptions.IncompleteRead, "the reply was cut off"),
    ]
    return next((words for kind, words in reasons if isinstance(error, kind)), "the connection was lost")


def _is_untrusted(error: exceptions.HTTPError) -> bool:
    return isinstance(error, exceptions.SSLError) and isinstance(error.args[0], ssl.SSLCertVerificationError)


def _certificates() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise SettingsError(
            "The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: correct or unset it."
        ) from error


def _proxy(url: httpx.URL) -> urllib3.util.Url | None:
    proxies = {} if proxy_bypass(url.host) else getproxies()
    name = url.scheme if proxies.get(url.scheme) else "all"
    named = proxies.get(name, "").strip()
    if not named:
        return None
    try:
        proxy = urllib3.util.parse_url(named if "://" in named else f"http://{named}")
    except exceptions.LocationValueError:
        proxy = urllib3.util.Url()
    if proxy.scheme not in {"http", "https"} or not proxy.host:
        raise SettingsError(
            f"The proxy that {name.upper()}_PROXY names cannot be used: give it as http://host:8080, or unset it."
        )
    return proxy
