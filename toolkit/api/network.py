"""The network beneath httpx: urllib3, which reads a large reply at less than half of what httpx itself takes for it.

Errors are httpx's own, without a way back to the request, whose headers hold the key.
"""

from __future__ import annotations

import ssl
from io import BytesIO
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

import httpx
import urllib3
from urllib3 import exceptions

_CONNECTIONS = 32  # kept open at most


class Network(httpx.BaseTransport):
    """The way to one address, through the proxy that the environment names for it; safe to use from several threads."""

    def __init__(self, url: httpx.URL) -> None:
        context = httpx.create_ssl_context() if url.scheme == "https" else None
        proxy = _proxy(url)
        if proxy:
            headers = urllib3.make_headers(proxy_basic_auth=unquote(proxy.auth)) if proxy.auth else None
            self._pool: urllib3.PoolManager = urllib3.ProxyManager(
                proxy.url, maxsize=_CONNECTIONS, proxy_headers=headers, ssl_context=context
            )
        else:
            self._pool = urllib3.PoolManager(maxsize=_CONNECTIONS, ssl_context=context)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request and its whole reply, without another try or a redirect.

        Raises httpx.ConnectError if nothing was sent, any other httpx.TransportError if it may have been.
        """
        failure: BaseException
        try:
            return self._reply(request)
        except exceptions.HTTPError as error:
            failure = _kind(error)(type(error).__name__, request=request)
        except KeyboardInterrupt as error:
            failure = error
        failure.__context__ = None
        raise failure.with_traceback(None)  # without the frames that hold what was sent

    def _reply(self, request: httpx.Request) -> httpx.Response:
        body, seconds = request.read(), request.extensions["timeout"]
        reply = self._pool.request(
            request.method,
            str(request.url),
            body=BytesIO(body) if body else None,  # goes in pieces, each of which may take as long as a connection
            headers=dict(request.headers),
            timeout=urllib3.Timeout(connect=seconds["connect"], read=seconds["read"]),
            retries=False,
            redirect=False,
            decode_content=False,
        )
        return httpx.Response(reply.status, headers=list(reply.headers.items()), content=reply.data)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


def _kind(error: exceptions.HTTPError) -> type[httpx.TransportError]:
    if isinstance(error, exceptions.ProxyError) and isinstance(error.original_error, exceptions.HTTPError):
        return _kind(error.original_error)
    if isinstance(error, (exceptions.ConnectTimeoutError, exceptions.LocationValueError)):
        return httpx.ConnectError
    if isinstance(error, exceptions.SSLError) and isinstance(error.args[0], ssl.SSLCertVerificationError):
        return httpx.ConnectError
    return httpx.ReadTimeout if isinstance(error, exceptions.TimeoutError) else httpx.ReadError


def _proxy(url: httpx.URL) -> urllib3.util.Url | None:
    proxies = {} if proxy_bypass(url.host) else getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return urllib3.util.parse_url(proxy if "://" in proxy else f"http://{proxy}") if proxy else None
