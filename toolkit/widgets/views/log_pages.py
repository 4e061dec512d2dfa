"""What the log explorer shows of some messages, as HTML. Independent of widgets and workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from toolkit.data.groups import Key, group_logs
from toolkit.display import as_html
from toolkit.engagement.campaign_report import campaign_report
from toolkit.engagement.engagement import by_campaign
from toolkit.engagement.failure_clusters import failure_clusters
from toolkit.engagement.rates import percent_text
from toolkit.experiments.comparison import compare_campaigns
from toolkit.models import Campaign
from toolkit.widgets.views.markup import hint, image, table

if TYPE_CHECKING:
    from toolkit.data.contacts import Contacts

_ROWS = 50  # rows shown of a table
_COMPARED = 20  # campaigns, pair by pair
ORDERS = ("messages", "delivered, per sent", "failed or bounced, per attempted", "name")
_RATES: tuple[Literal["delivery", "failure"], ...] = ("delivery", "failure")

CampaignsById = Mapping[str, Campaign]  # by id, newest first


def groups_page(
    rows: pd.DataFrame, by: Sequence[Key], campaigns: CampaignsById, contacts: Contacts | None, order: str = ORDERS[0]
) -> str:
    """The messages counted by groups, in one of `ORDERS`, with rates and intervals."""
    titles, lines, groups = group_lines(rows, by, campaigns, contacts, order)
    left_out = f" {groups - len(lines):,} more groups are not shown." if groups > len(lines) else ""
    return table(titles, lines) + hint(f"Rates have 95 % intervals.{left_out}")


def group_lines(
    rows: pd.DataFrame, by: Sequence[Key], campaigns: CampaignsById, contacts: Contacts | None, order: str = ORDERS[0]
) -> tuple[list[str], list[list[str]], int]:
    """The titles, the first fifty groups in one of `ORDERS`, and how many there are."""
    groups = group_logs(rows, by, contacts=contacts)
    if order == "name":
        named = groups
        if "campaign" in by:
            named = groups.assign(
                campaign=[_spoken("campaign", each, campaigns).casefold() for each in groups["campaign"]]
            )
        groups = groups.loc[named.sort_values([*by], kind="stable").index]
    elif order != ORDERS[0]:
        lost = groups["failed"] + groups["bounced"]
        of_sent = groups["delivered"] / groups["sent"].where(groups["sent"] > 0)
        of_attempted = lost / groups["attempted"].where(groups["attempted"] > 0)
        rate = of_sent if order == ORDERS[1] else of_attempted
        groups = groups.loc[rate.sort_values(ascending=False, kind="stable").index]
    lines = [
        [*(_spoken(key, row[key], campaigns) for key in by), *_counts(row)]
        for row in groups.head(_ROWS).to_dict("records")
    ]
    return [*by, "messages", "delivered", "failed or bounced"], lines, len(groups)


def compared_page(rows: pd.DataFrame, campaigns: CampaignsById) -> str:
    """Campaigns compared, with intervals, and which differ significantly."""
    from toolkit.plots import rates

    found = by_campaign(rows.astype({"campaign_id": "str"}))
    names = {each: campaign_name(campaigns[each], campaigns) for each in reversed(list(campaigns))}
    pictures = [rates(found, by="campaign_id", rate=rate, names=names) for rate in _RATES]
    return "".join(image(picture.png, picture.words) for picture in pictures) + _differences(rows, campaigns)


def failures_page(rows: pd.DataFrame) -> str:
    """Why messages did not arrive, what carriers reported, how many people are affected, and what to do."""
    from toolkit.plots import failure_pareto

    clusters = failure_clusters(rows)
    lines = [
        [x["failure_class"].replace("_", " "), f"{x['messages']:,}", f"{x['contacts']:,}", x["words"], x["advice"]]
        for x in clusters.to_dict("records")
    ]
    picture = failure_pareto(clusters)
    titles = ("cause", "messages", "contacts", "what carriers reported", "what to do")
    again = hint("The monitor of a campaign keeps a draft to send it once more to those whom it may still reach.")
    return image(picture.png, picture.words) + (table(titles, lines) + again if lines else "")


def named_messages(rows: pd.DataFrame, campaigns: CampaignsById) -> pd.DataFrame:
    """The messages for a table: campaigns by name, and no column that is empty or nobody reads."""
    names = rows["campaign_id"].cat.rename_categories(lambda each: _spoken("campaign", each, campaigns))
    named = rows.drop(columns=["id", "message_id", "campaign_id"])
    named.insert(0, "campaign", names)
    return named.dropna(axis="columns", how="all")


def _differences(rows: pd.DataFrame, campaigns: CampaignsById) -> str:
    ids = [str(campaign_id) for campaign_id in rows["campaign_id"].unique()]
    if not 2 <= len(ids) <= _COMPARED:
        return hint(f"Choose 2 to {_COMPARED} campaigns to see which differ significantly.")
    reports = [campaign_report(campaigns[x], rows[rows["campaign_id"] == x]) for x in ids]
    return as_html(compare_campaigns(reports).describe()[1:])


def _spoken(key: str, value: object, campaigns: CampaignsById) -> str:
    if key == "campaign" and value in campaigns:
        return campaign_name(campaigns[str(value)], campaigns)
    return _text(value) or "none"


def campaign_name(campaign: Campaign, campaigns: CampaignsById) -> str:
    """A campaign's name; when it starts, if another one has the name; and its id, if they start together."""
    others = [each for each in campaigns.values() if each.name == campaign.name and each.id != campaign.id]
    if not others:
        return campaign.name
    is_alone = all(_start(each) != _start(campaign) for each in others)
    return f"{campaign.name} ({_start(campaign)}{'' if is_alone else f', {campaign.id}'})"


def _start(campaign: Campaign) -> str:
    return f"{campaign.start_time or campaign.created_time:%Y-%m-%d %H:%M:%S}"


def _counts(row: dict[Any, Any]) -> list[str]:
    lost = row["failed"] + row["bounced"]
    return [
        f"{row['messages']:,}",
        f"{row['delivered']:,} of {row['sent']:,} sent · {percent_text(row['delivered'], row['sent'])}",
        f"{lost:,} of {row['attempted']:,} attempted · {percent_text(lost, row['attempted'])}",
    ]


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
