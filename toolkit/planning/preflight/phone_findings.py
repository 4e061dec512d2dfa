"""Findings on the recipients' numbers."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers

from toolkit.data.bitmaps import Mask
from toolkit.display import n_recipients
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.texting.places import Place
from toolkit.texting.quiet_hours_rules import ELSEWHERE

_SPECIAL = ("premium_rate", "toll_free", "shared_cost", "pager", "uan", "voicemail")


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the recipients' numbers."""
    kind, line = out.where.numbers["kind"], out.where.numbers["line"]
    impossible = kind.isin(["missing", "malformed", "impossible"]).to_numpy()
    if impossible.any():
        yield _found(
            out, "PHN001", impossible, "numbers that no network can have", "Correct them, or exclude these people."
        )
    unassigned = (kind == "possible").to_numpy()
    if unassigned.any():
        yield _found(
            out, "PHN002", unassigned, "numbers that are possible but not assigned", "Check that they are correct."
        )
    fictional = (kind == "fictional").to_numpy()
    if out.live and fictional.any():
        yield _found(out, "PHN003", fictional, "fictional numbers", "Exclude them: this is the live service.")
    special = line.isin(_SPECIAL).to_numpy()
    if special.any():
        names = line[special].value_counts()
        evidence = [f"{count:,} {str(name).replace('_', ' ')}" for name, count in names.items() if count]
        yield _found(
            out,
            "PHN005",
            special,
            "toll-free, premium or other special numbers",
            "Exclude them: nobody reads texts there.",
            evidence,
        )
    yield from _abroad(out)


def _abroad(out: Outgoing) -> Iterator[Finding]:
    homes = {phone.country for phone in out.senders if phone.country}
    regions = out.where.numbers["region"].astype("str")
    counts = regions[~out.where.nowhere].value_counts()
    reached = {
        region
        for home in homes
        for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(phonenumbers.country_code_for_region(home), ())
    }
    foreign = [region for region in counts.index if homes and region not in reached]
    unruled = [
        region
        for region in counts.index
        if out.policy.hours.of(Place(region, "", ()), out.start.date())[0].code == ELSEWHERE
    ]
    for regions_found, what, fix in (
        (foreign, f"in countries other than the senders' ({', '.join(sorted(homes))})", "Ask SeaX whether these "
         "senders reach them, or use a sender of their country."),
        (unruled, "in countries whose rules on texts are not known here", "Look them up, and add them to hours_file "
         "of the policy."),
    ):  # fmt: skip
        if regions_found:
            yield _found(
                out,
                "PHN004",
                regions.isin(regions_found).to_numpy(),
                f"numbers {what}",
                fix,
                [", ".join(f"{region} {counts[region]:,}" for region in regions_found[:12])],
            )


def _found(out: Outgoing, code: str, who: Mask, what: str, fix: str, evidence: list[str] | None = None) -> Finding:
    count = int(who.sum())
    return finding(
        code,
        f"{n_recipients(count, 'has', 'have')} {what}.",
        fix,
        evidence=evidence or (),
        contacts=count,
        contact_ids=out.ids(who),
    )
