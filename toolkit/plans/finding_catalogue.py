"""Every finding, by code: what it looks for, its severity, and the source of the rule.

Word lists only warn, as they misfire; what is about the audience, hours, opt-outs, senders or placeholders blocks.
A block is overridden by a reason in the draft, except for final ones: opt-outs, a target without a filter,
unfilled placeholders, limits of the policy, and what the service would refuse or could not carry out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated

from pydantic import AfterValidator

from toolkit.models import Frozen
from toolkit.plans.finding import SHOWN, Finding, Severity
from toolkit.suggest import nearest

_CTIA = "CTIA, Messaging Principles and Best Practices, 5.1"
_FCC = "47 CFR 64.1200"
_GSM = "3GPP TS 23.038, 23.040"
_GUIDE = "SeaX API guide"
_CSV = "RFC 4180"
_OURS, _POLICY = OWN_SOURCES = ("this toolkit", "the policy")
_TWILIO = "Twilio documentation"
_CAPS = "Fla. Stat. 501.059; Okla. Stat. 15, 775C.4; Md. Commercial Law 14-4502; Oregon HB 3865"
_CARRIERS = "CTIA; carriers' codes of conduct"


class Check(Frozen):
    """What one code means; the first of `severities` is the usual one."""

    code: str
    looks_for: str
    severities: tuple[Severity, ...]
    source: str
    as_of: str = "2026-11"
    is_final: bool = False


def _check(code: str, looks_for: str, severity: str, source: str = "", *, is_final: bool = False) -> Check:
    return Check.model_validate(
        {
            "code": code,
            "looks_for": looks_for,
            "severities": severity.split(", "),
            "source": source,
            "is_final": is_final,
        }
    )


_LISTED = (
    _check("AUD001", "no condition on whom to text: it would reach everybody", "block", _GUIDE, is_final=True),
    _check("AUD002", "opt-out labels that the request does not exclude", "block", _GUIDE, is_final=True),
    _check("AUD003", "no label in the workspace that means opted out", "warn", _GUIDE),
    _check("AUD004", "an audience that differs from the approved one", "block", _OURS, is_final=True),
    _check("AUD005", "a large audience, by count or share of the workspace", "warn, block", _GUIDE),
    _check("AUD006", "two contacts with one phone", "block, warn", _OURS),
    _check("AUD007", "a recipient whose phone belongs to somebody who opted out", "block", _FCC, is_final=True),
    _check("AUD008", "texts to the same people within 24 hours", "warn, block", _CAPS),
    _check("AUD009", "recipients whose last messages failed permanently", "warn", _GUIDE),
    _check("AUD010", "no recipients", "block", _OURS, is_final=True),
    _check("AUD011", "many contacts to be excluded by id", "warn", _OURS),
    _check("AUD012", "no test send of this text before a large one", "block", _GUIDE),
    _check("AUD013", "recipients with a label that may mean opted out", "block", _FCC),
    _check("AUD014", "conditions on values that cannot be read, or that no contact has", "warn", _OURS),
    _check("AUD015", "labels put on the recipients that mean, or may mean, opted out", "warn", _OURS),
    _check("PHN001", "phones that no network can have", "block", "ITU-T E.164; libphonenumber"),
    _check("PHN002", "phones that are possible but not assigned", "warn", "libphonenumber"),
    _check(
        "PHN003",
        "fictional phones on the live service, or real ones here",
        "block, warn",
        "NANPA, Ofcom, ACMA",
        is_final=True,
    ),
    _check("PHN004", "countries other than the senders', or without rules of their own", "warn", _TWILIO),
    _check("PHN005", "toll-free, premium or special numbers", "warn", "libphonenumber"),
    _check("TIM001", "quiet hours somewhere between the start and the projected end", "block, warn", _FCC),
    _check("TIM002", "a start in the past or too far ahead, an end before it", "block", _GUIDE, is_final=True),
    _check("TIM003", "numbers that may be in several time zones", "info, warn", "libphonenumber"),
    _check("TIM004", "Sundays and public holidays that are closed", "block, warn", "the statutes named in a finding"),
    _check("TIM006", "time zones and states in contact fields that cannot be read", "warn", _OURS),
    _check("TIM005", "an end before all of it can be sent", "warn", _OURS),
    _check("SND001", "senders that are off or lack SMS, MMS or WhatsApp", "block", _GUIDE, is_final=True),
    _check("SND002", "several senders", "warn", _TWILIO),
    _check("SND003", "senders that the policy does not allow", "block", _POLICY, is_final=True),
    _check("SND004", "sender names that must be registered in a country", "warn", "ACMA; ComReg"),
    _check(
        "SND005",
        "local numbers without a carrier registration to text people in the United States",
        "block, warn",
        "A2P 10DLC; carriers have blocked unregistered messages since 2025-02-01 (error 30034)",
    ),
    _check("OPT001", "opt-outs by topic, where one opt-out covers all messages", "info, warn", f"{_FCC}(a)(10)"),
    _check("CST001", "a cost above the policy's limit", "block", _POLICY, is_final=True),
    _check("TYP001", "a type of campaign that cannot be planned here", "block", _GUIDE, is_final=True),
    _check("MSG001", "an empty text, or one too long to be taken", "block", _TWILIO, is_final=True),
    _check("MSG002", "more than one part, and what forces it", "warn", _GSM),
    _check(
        "MSG003",
        "invisible, disguising, misread or written-out characters, HTML",
        "warn, block",
        "Unicode TR 36, 39",
    ),
    _check("MSG004", "carriage returns, trailing and double spaces", "info", _GSM),
    _check("MSG005", "placeholders that are not filled, or filled with nothing", "block", _GUIDE, is_final=True),
    _check("MSG006", "no way to opt out", "warn, block", f"{_CTIA}.3"),
    _check("MSG007", "an opt-out word that carriers do not know", "warn", f"{_FCC}(a)(10); {_TWILIO}"),
    _check("MSG008", "no brand name, or one that comes late", "warn", _CTIA),
    _check("MSG009", "links through public shorteners", "block", "Twilio errors 30963, 30007"),
    _check("MSG010", "links without https, to bare addresses or other domains", "warn, block", _CARRIERS),
    _check("MSG011", "link shortening, and what it does to the text", "info", _GUIDE),
    _check("MSG012", "restricted subjects (SHAFT and others)", "warn", _CARRIERS),
    _check("MSG013", "patterns of spam", "warn, info", _CARRIERS),
    _check("MSG014", "card numbers and secrets", "block", "PCI DSS 4.2.2"),
    _check("MMS001", "an MMS without media", "block", _GUIDE, is_final=True),
    _check("MMS002", "an SMS with media", "block", _GUIDE, is_final=True),
    _check("MMS003", "media that is not a public https address", "block", _TWILIO, is_final=True),
    _check("MMS004", "media of a type or size that carriers refuse", "warn, block", _TWILIO),
    _check(
        "WAP001",
        "a WhatsApp campaign without an approved template that can be filled from here",
        "block",
        "Meta; " + _GUIDE,
        is_final=True,
    ),
    _check("WAP002", "marketing templates to people whom Meta delivers none", "warn", "Meta"),
    _check("AGT001", "an AI agent that answers replies in its own words", "info", _OURS),
    _check("EXP001", "experiments too small to show the gain they look for", "block", _OURS),
    _check("EXP002", "people, or slots of a layer, that another experiment has", "warn, block", _OURS),
    _check("EXP003", "outcomes that this service does not report by person", "warn", _GUIDE),
    _check("EXP004", "an experiment sent with another registration", "block", _OURS, is_final=True),
    _check("EXP005", "experiments without a registration", "warn", _OURS),
    _check("EXP006", "messages to the policy's holdout", "info", _POLICY),
    _check("TST001", "a test without own numbers in the policy", "block", "the policy", is_final=True),
    _check("TST002", "own numbers that cannot be texted here", "block", "the policy", is_final=True),
    _check("LBL001", "a label to be removed that a scheduled campaign is addressed by", "block", _OURS),
    _check("IMP001", "a file without rows that can be imported", "block", _OURS, is_final=True),
    _check("IMP002", "phones in more than one row of a file", "warn", _OURS),
    _check("IMP003", "rows of people who are contacts already", "info", _GUIDE),
    _check("IMP004", "rows of people who opted out or cannot be reached", "warn", _FCC),
    _check("IMP005", "labels that no contact has yet", "warn", _OURS),
    _check("IMP006", "quotes that are not closed, and the rows they swallow", "block", _CSV, is_final=True),
    _check("IMP007", "rows with more cells than the header", "block", _CSV, is_final=True),
    _check("IMP008", "rows with fewer cells than the header", "block", _CSV),
    _check("IMP009", "columns without a name, or several that would be one", "block", _OURS, is_final=True),
    _check("IMP010", "columns that may say who opted out", "block", _FCC, is_final=True),
    _check("IMP011", "cells of an opt-out column that cannot be read", "block", _FCC, is_final=True),
    _check("IMP012", "labels that may mean opting out", "block", _FCC),
    _check("IMP013", "letters that an earlier program has garbled", "warn", _OURS),
    _check("IMP014", "errors of a spreadsheet in cells", "block", "Microsoft Excel"),
    _check(
        "IMP015", "dates that a spreadsheet has changed, or that can be read in two ways", "warn", "Microsoft Excel"
    ),
    _check(
        "IMP016", "phones of a file that cannot be read, or in several ways", "block", "ITU-T E.164; libphonenumber"
    ),
    _check("IMP017", "a phone_country that the service does not list", "warn", _GUIDE),
    _check("IMP018", "what was cleaned in cells", "info", _OURS),
    _check("IMP019", "rows of people who opted out according to the file", "info", _FCC),
    _check("IMP020", "labels with a comma in their name", "block", _GUIDE, is_final=True),
    _check("IMP021", "opt-outs that skipping or replacing duplicates would lose", "block", _FCC, is_final=True),
    _check("IMP022", "cells that a spreadsheet would take for formulas", "info", "OWASP, CSV Injection"),
    _check("IMP023", "null characters, which are not text", "block", _CSV, is_final=True),
    _check("IMP024", "rows without a contact, or without a number that can be texted", "block, info", _GUIDE),
    _check("IMP025", "an opt-out column that the mapping uses for something else", "warn", _FCC),
    _check("IMP026", "contact fields as JSON that cannot be read", "block", _OURS, is_final=True),
)

CHECKS: Mapping[str, Check] = {check.code: check for check in _LISTED}
_TWICE = {check.code for check in _LISTED if CHECKS[check.code] is not check}
assert not _TWICE, f"two checks have one code: {', '.join(_TWICE)}"


def finding(
    code: str,
    message: str,
    fix: str,
    *,
    severity: Severity | None = None,
    evidence: Iterable[str] = (),
    contacts: int = 0,
    contact_ids: Iterable[str] = (),
    source: str | None = None,
    as_of: date | None = None,
) -> Finding:
    """A finding of the catalogue, with its usual severity, source and date unless others are given."""
    check = CHECKS[code]
    weight = severity or check.severities[0]
    assert weight in check.severities, f"{code} is never {weight}"
    return Finding(
        code=code,
        severity=weight,
        message=message,
        fix=fix,
        evidence=tuple(evidence),
        contacts=contacts,
        contact_ids=tuple(contact_ids)[:SHOWN],
        source=check.source if source is None else source,
        as_of=check.as_of if as_of is None else f"{as_of:%Y-%m}",
        is_final=check.is_final,
    )


def overridden(findings: Iterable[Finding], reasons: Mapping[str, str]) -> list[Finding]:
    """The findings, with the reason on each block that is overridden."""
    return [
        found.model_copy(update={"override": reasons[found.code]})
        if found.code in reasons and found.severity == "block" and not found.is_final
        else found
        for found in findings
    ]


def _is_known(reasons: dict[str, str]) -> dict[str, str]:
    for code, reason in reasons.items():
        check = CHECKS.get(code)
        if check is None:
            near = nearest(code, CHECKS)
            hint = f"did you mean {near}?" if near else "see toolkit.plans.finding_catalogue."
            raise ValueError(f"no finding has the code {code!r}: {hint}")
        if "block" not in check.severities:
            raise ValueError(f"{code} never blocks, so there is nothing to override: remove it.")
        if check.is_final:
            raise ValueError(f"{code} ({check.looks_for}) cannot be overridden: correct the draft.")
        if not reason.strip():
            raise ValueError(f"the override of {code} has no reason: write why, for the person who approves.")
    return reasons


Overrides = Annotated[dict[str, str], AfterValidator(_is_known)]
