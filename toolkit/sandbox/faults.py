"""Faults on demand, for tests of a client's behaviour when the service or the network fails.

Off unless a sandbox is opened with `Behaviour(faults=Faults(…))`; no request can switch them on.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, get_args

import numpy as np
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit.sandbox import hashing
from toolkit.sandbox.errors import Refused, refusal

HEADER = "X-Sandbox-Fault"
Fault = Literal[
    "latency",  # the reply comes late; the request was carried out meanwhile
    "429",
    "500-before",  # the request was not carried out
    "503-before",
    "500-after",  # it was carried out, and the client does not know
    "503-after",
    "reset",  # carried out, and the connection breaks in the middle of the reply
    "truncate",  # carried out, and the reply ends in the middle of its JSON
    "shift",  # a contact is added first, so that every page of contacts moves by one row
]


@dataclass(frozen=True)
class Faults:
    """Which faults happen: those in a request's X-Sandbox-Fault header, and each at a rate in [0, 1]."""

    rates: Mapping[Fault, float] = field(default_factory=dict)
    latency_seconds: float = 1.0
    retry_after_seconds: int = 60
    seed: int = 7


class FaultInjector:
    """ASGI middleware that injects faults."""

    def __init__(self, app: ASGIApp, *, faults: Faults, shift: Callable[[], None]) -> None:
        self._app = app
        self._faults = faults
        self._shift = shift
        self._requests = count()
        self._names = tuple(faults.rates)
        self._edges = np.cumsum([faults.rates[name] for name in self._names])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request with its fault, if any."""
        fault = self._fault_of(scope) if scope["type"] == "http" else None
        match fault:
            case None:
                await self._app(scope, receive, send)
            case "429":
                refused = Refused(429, "Too many requests", retry_after=self._faults.retry_after_seconds)
                await refusal(refused, scope)(scope, receive, send)
            case "500-before" | "503-before":
                await _fail(fault, scope)(scope, receive, send)
            case "500-after" | "503-after":
                await _collect(self._app, scope, receive)
                await _fail(fault, scope)(scope, receive, send)
            case "shift":
                self._shift()
                await self._app(scope, receive, send)
            case _:
                start, body = await _collect(self._app, scope, receive)
                await self._spoil(fault, start, body, send)

    async def _spoil(self, fault: str, start: Message, body: bytes, send: Send) -> None:
        if fault == "latency":
            await asyncio.sleep(self._faults.latency_seconds)
        half = body[: len(body) // 2]
        if fault == "truncate":
            body = half
            start["headers"] = [
                (name, str(len(half)).encode() if name == b"content-length" else value)
                for name, value in start["headers"]
            ]
        await send(start)
        if fault == "reset":
            await send({"type": "http.response.body", "body": half, "more_body": True})
            raise ConnectionResetError("The sandbox broke the connection, as requested.")
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _fault_of(self, scope: Scope) -> str | None:
        named = Headers(scope=scope).get(HEADER)
        if named is not None:
            if named not in get_args(Fault):
                raise ValueError(f"{HEADER} takes one of {', '.join(get_args(Fault))}, not {named!r}.")
            return named
        draw = hashing.uniform(np.array([next(self._requests)]), hashing.key(self._faults.seed, "faults"))[0]
        hit = int(np.searchsorted(self._edges, draw, side="right"))
        return self._names[hit] if hit < len(self._names) else None


async def _collect(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


def _fail(fault: str, scope: Scope) -> ASGIApp:
    failed = Refused(int(fault[:3]), "The service failed; whether the request was carried out is not known")
    return refusal(failed, scope)
