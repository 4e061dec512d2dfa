"""What the API that SeaX publishes lists of WhatsApp and of AI agents."""

from __future__ import annotations

from toolkit.api.decoding import decode_reply
from toolkit.api.dialect import Agent, ApiCall, Template, WhatsAppAccount
from toolkit.api.published import reply_schemas
from toolkit.api.published.requests import page_of


def accounts() -> ApiCall:
    """The WhatsApp accounts of the workspace, all at once."""
    return ApiCall("whatsapp_business_platform")


def read_accounts(body: bytes) -> list[WhatsAppAccount]:
    """Those that are not deleted, with their senders."""
    page = decode_reply(body, reply_schemas.Accounts, "list of WhatsApp accounts")
    return [
        WhatsAppAccount(id=x.id, name=x.service_account_name or "", sender_ids=tuple(p.id for p in x.phones or ()))
        for x in page.data
        if not x.is_deleted
    ]


def templates(account_id: str) -> ApiCall:
    """The templates of a WhatsApp account, all at once."""
    return ApiCall(f"whatsapp_business_platform/{account_id}/templates", {"is_include_header_template": "true"})


def read_templates(body: bytes) -> list[Template]:
    """Templates, whatever their status."""
    page = decode_reply(body, reply_schemas.Templates, "list of WhatsApp templates")
    return [
        Template(
            name=x.name,
            language=x.language,
            text=x.template,
            status=x.status,
            category=x.category,
            header=x.header_template or "",
            header_format=x.header_format or "",
        )
        for x in page.data
    ]


def agents(offset: int, limit: int) -> ApiCall:
    """A page of the AI agents that answer texts."""
    return ApiCall("ai_agents", page_of(offset, limit) | {"types": "SEAX_SMS"})


def read_agents(body: bytes) -> tuple[list[Agent], int]:
    """Agents, by the id that a campaign takes, and the total."""
    page = decode_reply(body, reply_schemas.Agents, "list of AI agents")
    return [Agent(id=x.conversation_config_id, name=x.name) for x in page.data], page.total or 0
