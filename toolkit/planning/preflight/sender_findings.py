"""Findings on the numbers that a text is sent from."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.models import Phone
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.plans.policy import SendPolicy


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the senders."""
    is_mms = out.type == "MMS"
    for phone in out.senders:
        if not phone.enabled:
            yield finding(
                "SND001", f"The sender {phone.name} is switched off.", "Choose another, or enable it in SeaX."
            )
        elif not (phone.mms if is_mms else phone.sms):
            yield finding(
                "SND001",
                f"The sender {phone.name} cannot send {'MMS' if is_mms else 'SMS'}.",
                "Choose a sender with that capability: see ws.phones().",
            )
        if not is_allowed(phone, out.policy):
            yield finding(
                "SND003",
                f"The policy does not allow the sender {phone.name} {phone.phone}.",
                "Choose one that it allows, or add it to senders in the policy.",
            )
    if len(out.senders) > 1:
        yield finding(
            "SND002",
            f"{len(out.senders)} senders: people opt out of one number, not of all of them.",
            "Send from one number if you can.",
        )


def is_allowed(phone: Phone, policy: SendPolicy) -> bool:
    """The policy has no list of senders, or this phone is on it."""
    return policy.senders is None or not {phone.id, phone.phone, phone.name}.isdisjoint(policy.senders)
