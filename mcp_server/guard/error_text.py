"""Errors in our own words: what a model reads about a failure, with the next step, and nothing written by others.

A message of the toolkit may quote the service, or labels that somebody made up. Here the service's
words are omitted, and names are kept only where they look like names.
"""

from __future__ import annotations

import re

from mcp_server.guard.tool_words import in_tool_words
from mcp_server.guard.untrusted import clean
from toolkit.errors import (
    ConnectionLost,
    InvalidRequest,
    NotFound,
    RateLimited,
    ServiceError,
    ToolkitError,
    Unauthorized,
    Unreachable,
)

_OFFERED = re.compile(r"(did you mean |there are )(.+?)(\?|\.)$|(did you mean )(.+?)\?", re.DOTALL)
_NAME = re.compile(r"[\w.:-]{1,40}")


def told(error: ToolkitError) -> str:
    """One sentence or two for a model, and what was sent if the error ended a send."""
    return f"{_why(error)} {error.statement}".strip()


def _why(error: ToolkitError) -> str:
    match error:
        case Unauthorized():
            return "The service did not accept the API key. Ask the person to check SEAX_API_KEY and SEAX_WORKSPACE_ID."
        case NotFound():
            return "Not found in this workspace: check the id."
        case RateLimited(retry_after=wait):
            when = f"wait {wait:g} s" if wait is not None else "wait a minute"
            return f"The service is limiting requests; {when} and try again."
        case InvalidRequest(field=field):
            where = f" ({field})" if field and _NAME.fullmatch(field) else ""
            return f"The service refused the request as invalid{where}."
        case Unreachable():
            return "The service could not be reached: try again, or ask the person to check the network."
        case ConnectionLost():
            return "The connection broke before an answer came: try again."
        case ServiceError(status=status):
            return f"The service could not answer{f' (status {status})' if status else ''}: try again later."
    words = error.reason if error.statement else str(error)
    return clean(in_tool_words(_without_made_up_names(words)), 600)


def _without_made_up_names(message: str) -> str:
    """The message, keeping only suggested names that are one plain word each."""
    found = _OFFERED.search(message)
    if not found:
        return message
    names = re.split(r", | or | and ", found[2] or found[5])
    kept = [name for name in names if _NAME.fullmatch(name)]
    offered = f"did you mean {' or '.join(kept)}?" if kept and "did you mean" in found[0] else ""
    if not offered:
        offered = f"there are {', '.join(kept)}." if kept else "get_status lists the names."
    return message[: found.start()] + offered + message[found.end() :]
