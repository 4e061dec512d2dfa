"""What a campaign is sent through: a messaging service, a WhatsApp template, which has the text, or an AI agent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toolkit.api.dialect import Agent, MessagingService, Template
from toolkit.errors import DraftError
from toolkit.models import Phone
from toolkit.suggest import suggest


def service_of(senders: Sequence[Phone], services: Iterable[MessagingService]) -> MessagingService:
    """The one messaging service that has all the senders; DraftError if there is none, or several."""
    services = list(services)
    wanted = {phone.id for phone in senders}
    found = [service for service in services if wanted <= {*service.sender_ids}]
    if len(found) == 1:
        return found[0]
    named = ", ".join(phone.phone for phone in senders)
    if found:
        raise DraftError(
            f"{named} {'are' if len(senders) > 1 else 'is'} in several messaging services "
            f"({', '.join(service.name for service in found)}): leave one of them in SeaX, so that it is clear through "
            "which one this is sent."
        )
    known = [
        f"{phone.phone}: {', '.join(s.name for s in services if phone.id in s.sender_ids) or 'none'}"
        for phone in senders
    ]
    raise DraftError(
        f"No messaging service that carriers have verified has all of {named} ({'; '.join(known)}): choose senders of "
        "one service, or add them to one in SeaX."
    )


def agent_named(wanted: str, agents: Sequence[Agent]) -> Agent:
    """The agent of that id or name; DraftError if there is none, or several."""
    found = [agent for agent in agents if wanted == agent.id] or [agent for agent in agents if wanted == agent.name]
    if len(found) != 1:
        if found:
            raise DraftError(f"{len(found)} AI agents are called {wanted!r}: use the id of one.")
        raise DraftError(f"There is no AI agent {wanted!r} for texts: {suggest(wanted, [x.name for x in agents])}")
    return found[0]


def template_named(wanted: str, templates: Sequence[Template]) -> Template:
    """The template of that name, or of that name and language, as in `spring_offer/en_US`; DraftError if there is none,
    or several."""
    found = [each for each in templates if wanted in {each.name, f"{each.name}/{each.language}"}]
    if len(found) > 1:
        named = ", ".join(f"{each.name}/{each.language}" for each in found)
        raise DraftError(f"The template {wanted!r} is there in several languages: use one of {named}.")
    if not found:
        names = sorted({each.name for each in templates})
        raise DraftError(f"The senders' WhatsApp account has no template {wanted!r}: {suggest(wanted, names)}")
    return found[0]
