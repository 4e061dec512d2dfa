"""What is computed from a workspace's people, campaigns and logs: reports, comparisons, a contact's history, the week.

A method imports what it alone needs, as those that read do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.workspace_reads import Records

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.api.snapshot_read import Progress
    from toolkit.audience.contact_history import ContactHistory
    from toolkit.data.contacts import Contacts
    from toolkit.engagement.campaign_report import CampaignReport
    from toolkit.engagement.weekly.weeks import WeeklyReport
    from toolkit.experiments.comparison import CampaignComparison, Measure
    from toolkit.mirror.mirror import Mirror
    from toolkit.pages.html_page import HtmlPage


class Reports(Records):
    """What a workspace reports."""

    def report(
        self, campaign_id: str, *, logs: pd.DataFrame | None = None, progress: Progress | None = None
    ) -> CampaignReport:
        """How a campaign did: its funnel with intervals, why messages failed, and where counters and log disagree.

        `logs` is its whole log if it was read before. NotFound if the campaign does not exist.
        """
        from toolkit.engagement.campaign_report import campaign_report

        campaign = self.campaign(campaign_id)
        return campaign_report(campaign, self.logs(campaign_id, progress=progress) if logs is None else logs)

    def compare(self, campaigns: Sequence[str], measure: Measure = "delivery") -> CampaignComparison:
        """Campaigns compared by delivery, failure or clicks; see `toolkit.experiments.comparison`."""
        from toolkit.experiments.comparison import compare_campaigns

        return compare_campaigns([self.report(campaign_id) for campaign_id in campaigns], measure)

    def history(
        self,
        contact: str,
        *,
        contacts: Contacts | None = None,
        logs: pd.DataFrame | None = None,
        progress: Progress | None = None,
    ) -> ContactHistory:
        """What one contact was sent, in order, and why a campaign would or would not text them now.

        `contact` is an id, or a phone or name that only they have. `contacts` and `logs` are earlier snapshots; the
        logs are of all campaigns known here unless given. Otherwise both are read in one pass that keeps only ids
        and numbers, those who share a number with the contact, and the contact's own messages. Raises SegmentError.
        """
        from toolkit.audience.contact_history import contact_history
        from toolkit.audience.contact_lookup import row_of

        if contacts is None:
            contacts = self._reader.related(contact, progress)
        contacts = self._reader.at_home(contacts)
        if logs is None:
            row = row_of(contacts, contact)
            logs = self._reader.logs_of(contacts, row, self.campaign_ids(), progress=progress)
        return contact_history(contacts, contact, logs, live=self.live)

    def weekly(
        self,
        week: str | None = None,
        *,
        logs: pd.DataFrame | None = None,
        contacts: Contacts | None = None,
        mirror: Mirror | None = None,
    ) -> WeeklyReport:
        """A week, named as 2026-48, against the eight before; the last one that is over unless named.

        `logs` and `contacts` are readings from before, else all campaigns known here are read. A `mirror` shows who
        opted out when, which the service does not. `ws.weekly_page(…)` makes one HTML file of it. Raises ToolkitError
        for anything but a week.
        """
        from toolkit.engagement.weekly.weeks import week_of, weekly_report

        begins = week_of(week, self._service_now())
        logs = self.logs(self.campaign_ids()) if logs is None else logs
        contacts = self.snapshot() if contacts is None else contacts
        return weekly_report(
            logs,
            self.campaigns(),
            contacts.select(["id", "created_time"]),
            None if mirror is None else mirror.opted_out(mirror.began),
            known_since=None if mirror is None else mirror.began,
            begins=begins,
            read_at=self._service_now(),
        )

    def weekly_page(
        self,
        week: str | None = None,
        *,
        logs: pd.DataFrame | None = None,
        contacts: Contacts | None = None,
        mirror: Mirror | None = None,
    ) -> HtmlPage:
        """The weekly report as one HTML file: `ws.weekly_page("2026-48").save("week.html")`; arguments as `weekly`."""
        from toolkit.engagement.log_digest import log_digest
        from toolkit.pages.weekly import weekly_page

        logs = self.logs(self.campaign_ids()) if logs is None else logs
        report = self.weekly(week, logs=logs, contacts=contacts, mirror=mirror)
        return weekly_page(report, live=self.live, log=log_digest(logs))

    def engagement(self, campaigns: str | Sequence[str]) -> pd.DataFrame:
        """One row per campaign: what became of its messages, as rates with 95 % intervals and their denominators.

        For more, use the logs themselves: `ws.logs(campaigns).seax.funnel()`, `.seax.by_hour(zone=…)` and others.
        """
        from toolkit.engagement.engagement import by_campaign

        return by_campaign(self.logs(campaigns))
