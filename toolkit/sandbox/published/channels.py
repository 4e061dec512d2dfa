"""What there is besides senders for texts: one WhatsApp account with its templates, and AI agents that answer."""

import sqlite3
from typing import Any, Literal

import msgspec
from fastapi import Response
from pydantic import BaseModel

from toolkit.sandbox import hashing
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published import bodies
from toolkit.sandbox.published.lists import Page, split
from toolkit.sandbox.published.parameters import Opened, Paged, json_reply
from toolkit.sandbox.published.replies import Phone
from toolkit.sandbox.published.schemas import HeaderFormat, NewCampaign
from toolkit.sandbox.service import WORKSPACE_ID

ACCOUNT_ID = hashing.identifier("WhatsApp account")
_TEMPLATES: tuple[tuple[str, str, str, str, str, str | None, str | None], ...] = (
    # name, language, status, category, text, format of the header, header
    ("spring_offer", "en_US", "APPROVED", "MARKETING", "Hi {name}, spring is here: 20% off all shoes.", None, None),
    ("spring_offer", "es_MX", "APPROVED", "MARKETING", "Hola {name}: 20% en todos los zapatos.", None, None),
    ("order_shipped", "en_US", "APPROVED", "UTILITY", "Hi {name}, your order is on its way.", "TEXT", "Seasalt Shop"),
    ("winter_offer", "en_US", "PAUSED", "MARKETING", "Hi {name}, the winter sale ends today.", None, None),
    ("loyalty_card", "en_US", "PENDING", "UTILITY", "Hi {name}, your card is ready.", None, None),
    ("store_tour", "en_US", "APPROVED", "UTILITY", "Hi {name}, see our new store.", "VIDEO", None),
)
_AGENTS = (("Ana, orders", "How can I help you with your order?"), ("Ben, returns", "What would you like to return?"))


class Integration(BaseModel):
    """Where an AI agent answers, and how it opens."""

    outbound_starting_message: str
    type: Literal["SEAX_SMS"]


class AIAgent(BaseModel):
    """An AI agent; campaigns take its `conversation_config_id`."""

    id: str
    name: str
    conversation_config_id: str
    integrations: list[Integration]


class PlatformAccount(BaseModel):
    """An account on WhatsApp's platform."""

    workspace_id: str
    service_name: str
    service_account_id: str
    service_account_name: str
    id: str
    is_deleted: bool
    status: Literal["PENDING", "APPROVED", "REJECTED"]
    phones: list[Phone]


class PlatformTemplate(BaseModel):
    """A template of an account."""

    template: str
    name: str
    header_format: HeaderFormat | None
    header_template: str | None
    language: Literal["en_US", "es_MX"]
    status: Literal["APPROVED", "PAUSED", "PENDING"]
    category: Literal["MARKETING", "UTILITY"]
    id: str


async def list_ai_agents(
    service: Opened, page: Paged, types: str | None = None, order_by: str = "created_time:desc"
) -> Response:
    """List AI agents."""
    return json_reply(page.of(_agents() if not split(types) or "SEAX_SMS" in split(types) else [], service))


async def list_whatsapp_accounts(service: Opened) -> Response:
    """List the WhatsApp accounts."""
    with service.store.read() as db:
        account = {
            "workspace_id": WORKSPACE_ID,
            "service_name": "WHATSAPP_BUSINESS_PLATFORM",
            "service_account_id": "100000000000001",
            "service_account_name": "Seasalt Shop",
            "id": ACCOUNT_ID,
            "is_deleted": False,
            "status": "APPROVED",
            "phones": bodies.phones_of(db, _phone_ids(db)),
        }
    return json_reply(msgspec.json.encode({"data": [account], "total": 1}))


async def list_whatsapp_templates(
    service: Opened, service_provider_account_id: str, is_include_header_template: bool = False
) -> Response:
    """List the templates of a WhatsApp account."""
    if service_provider_account_id != ACCOUNT_ID:
        raise Refused(404, f"No WhatsApp account has the id {service_provider_account_id!r}")
    rows = templates()
    for row in rows:
        row["header_template"] = row["header_template"] if is_include_header_template else None
    return json_reply(Page(0, 0).of(rows, service))


def templates() -> list[dict[str, Any]]:
    """Return every template, as a list of them shows it."""
    return [
        {
            "template": text,
            "name": name,
            "header_format": header_format,
            "header_template": header,
            "language": language,
            "status": status,
            "category": category,
            "id": str(1_300_000_000_000_001 + at),
        }
        for at, (name, language, status, category, text, header_format, header) in enumerate(_TEMPLATES)
    ]


def message_of(db: sqlite3.Connection, new: NewCampaign) -> str:
    """Return what a campaign's recipients read first; refuses a template or an agent that it cannot be sent with."""
    if new.type == "AI_AGENT" and new.ai_agent_conversation_config_id not in {
        agent["conversation_config_id"] for agent in _agents()
    }:
        raise Refused(422, "No AI agent has this id", field="ai_agent_conversation_config_id")
    if new.type == "AI_AGENT" and not new.message:
        return next(text for name, text in _AGENTS if _config_id(name) == new.ai_agent_conversation_config_id)
    if new.type != "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
        return new.message or ""
    field, asked = "service_provider_campaign_data", new.service_provider_campaign_data or {}
    if asked.get("service_account_id") != ACCOUNT_ID or not set(new.phone_ids) <= set(_phone_ids(db)):
        raise Refused(422, "The phones are not of this WhatsApp account", field=field)
    wanted = asked.get("service_account_template_name"), asked.get("service_account_template_language") or "en_US"
    for template in templates():
        if (template["name"], template["language"]) == wanted and template["status"] == "APPROVED":
            text: str = template["template"]
            return text
    raise Refused(422, f"The account has no approved template {wanted[0]!r} in {wanted[1]}", field=field)


def _agents() -> list[dict[str, Any]]:
    return [
        {
            "id": hashing.identifier("AI agent", name),
            "name": name,
            "conversation_config_id": _config_id(name),
            "integrations": [{"outbound_starting_message": opening, "type": "SEAX_SMS"}],
        }
        for name, opening in _AGENTS
    ]


def _config_id(name: str) -> str:
    return hashing.identifier("AI agent's conversation", name)


def _phone_ids(db: sqlite3.Connection) -> list[str]:
    return [own_id for (own_id,) in db.execute("SELECT id FROM phones WHERE capabilities LIKE '%whatsapp%'")]
