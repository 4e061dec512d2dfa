"""What a campaign names besides its text: a WhatsApp template, which has the text, or an AI agent, which answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from toolkit.api.client import Client
from toolkit.api.dialect import Agent, Template
from toolkit.errors import DraftError
from toolkit.planning.read import DraftReading
from toolkit.plans.draft import CampaignDraft
from toolkit.suggest import suggest


def with_channel(reading: DraftReading, client: Client) -> DraftReading:
    """The reading with the template or the agent that its draft names, and with the template's text as the draft's.

    Unchanged where the service lists neither, or the draft names neither. DraftError if there is none of that name, or
    several, or a template is not of the senders' account.
    """
    draft = reading.draft
    if not isinstance(draft, CampaignDraft) or not client.has_lists:
        return reading
    if draft.agent:
        return replace(reading, agent=_agent(draft.agent, list(client.agents())))
    if not draft.template:
        return reading
    template = _template(draft.template, client.templates(phone.id for phone in reading.senders))
    text = "\n\n".join(filter(None, [template.header, template.text]))
    if draft.message not in {"", text} and reading.approved is None:
        raise DraftError(f"The template {template.name} has another text than `message`: leave `message` out.")
    return replace(reading, template=template, draft=draft.model_copy(update={"message": text}))


def _agent(wanted: str, agents: Sequence[Agent]) -> Agent:
    found = [agent for agent in agents if wanted == agent.id] or [agent for agent in agents if wanted == agent.name]
    if len(found) != 1:
        if found:
            raise DraftError(f"{len(found)} AI agents are called {wanted!r}: use the id of one.")
        raise DraftError(f"There is no AI agent {wanted!r} for texts: {suggest(wanted, [x.name for x in agents])}")
    return found[0]


def _template(wanted: str, templates: Sequence[Template]) -> Template:
    """The template of that name, or of that name and language, as in `spring_offer/en_US`."""
    found = [each for each in templates if wanted in {each.name, f"{each.name}/{each.language}"}]
    if len(found) > 1:
        named = ", ".join(f"{each.name}/{each.language}" for each in found)
        raise DraftError(f"The template {wanted!r} is there in several languages: use one of {named}.")
    if not found:
        names = sorted({each.name for each in templates})
        raise DraftError(f"The senders' WhatsApp account has no template {wanted!r}: {suggest(wanted, names)}")
    return found[0]
