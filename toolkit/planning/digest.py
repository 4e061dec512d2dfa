"""What makes two requests, two plans and two wishes the same: a digest of all that they say."""

from __future__ import annotations

import hashlib
import json

from toolkit.api.dialect import PersonalTexts
from toolkit.models import CampaignRequest, ImportRequest, MessageRequest

Request = CampaignRequest | MessageRequest | PersonalTexts | ImportRequest


def said(request: Request) -> dict[str, object]:
    """All that a request says; a file by its digest."""
    if isinstance(request, ImportRequest):
        return request.model_dump(mode="json", exclude={"content"}) | {
            "content": hashlib.sha256(request.content).hexdigest()
        }
    return request.model_dump(mode="json")


def digest(*parts: object) -> str:
    """SHA-256 of anything that JSON can say, the same for the same content."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
