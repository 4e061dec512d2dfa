"""Findings on the numbers that a text is sent from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.display import n_recipients
from toolkit.models import Phone
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding, Severity
from toolkit.plans.finding_catalogue import finding
from toolkit.plans.policy import SendPolicy

_UNITED_STATES = frozenset({"AS", "GU", "MP", "PR", "US", "VI"})
_LONG_CODE = re.compile(r"\+1(?!8(?:00|33|44|55|66|77|88))")  # a North American number that is not toll-free


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the senders."""
    needs = {"MMS": "MMS", "WHATSAPP_BUSINESS_PLATFORM_MESSAGE": "WhatsApp"}.get(out.type, "SMS")
    for phone in out.senders:
        if not phone.enabled:
            yield finding(
                "SND001", f"The sender {phone.name} is switched off.", "Choose another, or enable it in SeaX."
            )
        elif not {"MMS": phone.mms, "WhatsApp": phone.whatsapp, "SMS": phone.sms}[needs]:
            yield finding(
                "SND001",
                f"The sender {phone.name} cannot send {needs}.",
                "Choose a sender with that capability: see ws.phones().",
            )
        if not is_allowed(phone, out.policy):
            yield finding(
                "SND003",
                f"The policy does not allow the sender {phone.name} {phone.phone}.",
                "Choose one that it allows, or add it to senders in the policy.",
            )
    yield from _unregistered(out)
    if len(out.senders) > 1:
        yield finding(
            "SND002",
            f"{len(out.senders)} senders: people opt out of one number, not of all of them.",
            "Send from one number if you can.",
        )


def _unregistered(out: Outgoing) -> Iterator[Finding]:
    service = out.reading.service
    numbers = [phone.phone for phone in out.senders if _LONG_CODE.match(phone.phone)]
    there = [place for place in out.where.places if place.region in _UNITED_STATES]
    if not (service and numbers and there):
        return
    severity: Severity
    people = n_recipients(sum(place.people for place in there), "is", "are")
    if service.is_registered is False:
        why, severity = "it is not registered", "block"
    elif service.use_cases and not service.verified:
        statuses = ", ".join(sorted({each.status for each in service.use_cases}))
        why, severity = f"no use case of it is verified ({statuses})", "warn"
    else:
        return
    yield finding(
        "SND005",
        f"{people} in the United States, where carriers block messages of local numbers without a registration (A2P "
        f"10DLC). {', '.join(numbers)} {'is' if len(numbers) == 1 else 'are'} in the messaging service "
        f"{service.name}: {why}.",
        "Register it in SeaX, or choose a sender of a registered service, or a toll-free number.",
        severity=severity,
        contacts=sum(place.people for place in there),
        contact_ids=out.ids(out.where.in_places(there)),
    )


def is_allowed(phone: Phone, policy: SendPolicy) -> bool:
    """The policy has no list of senders, or this phone is on it."""
    return policy.senders is None or not {phone.id, phone.phone, phone.name}.isdisjoint(policy.senders)
