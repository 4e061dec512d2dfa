"""The card beside a campaign's form: how many people, why others are excluded, what one reads, and the next step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ipywidgets import HTML, Button, VBox

from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.widgets.fields.chips import Chip, Chips
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.fields.phone_preview import PhonePreview
from toolkit.widgets.forms.exploration import Counted
from toolkit.widgets.views.finding_view import in_sum
from toolkit.widgets.views.markup import banner, waterfall_list
from toolkit.widgets.views.plan_view import cost_words, count_html, fact_list
from toolkit.widgets.views.timetable import starts, timetable


class CampaignCard(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """It stays in view. `reading` holds the button that plans; `jump` receives the severity whose count was pressed."""

    def __init__(
        self, reading: LongRead[object], *, live: bool, next_step: Callable[[], None], jump: Callable[[str], None]
    ) -> None:
        self._count = HTML().add_class("seax-reach")
        self._fall = HTML().add_class("seax-waterfall")
        self.phone = PhonePreview()
        self._facts = HTML().add_class("seax-card-facts")
        self._table = HTML().add_class("seax-timetable")
        self._sum = Chips(jump, style="seax-sum").add_class("seax-findings")
        self._next = Button().add_class("seax-btn--next").add_class("seax-next")
        self._next.on_click(lambda _: next_step())
        self._reading = reading
        top = VBox([HTML(banner(live=live)).add_class("seax-where"), self._count]).add_class("seax-top")
        middle = VBox([self._fall, self.phone, self._facts, self._table]).add_class("seax-mid")
        super().__init__([top, middle, VBox([self._sum, self._next, reading]).add_class("seax-foot")])
        self.add_class("seax-card")

    def show_count(self, counted: Counted | None, words: str, *, is_quiet: bool = False) -> None:
        """How many receive it, and why others do not; None where that is not known."""
        number = counted.recipients if counted else 0
        self._count.value = count_html(number, words, is_quiet=is_quiet or counted is None)
        self._fall.value = waterfall_list(counted.selected, counted.waterfall) if counted else ""

    def show_plan(self, plan: Plan | None) -> None:
        """What a plan would be: its count, cost and times; None where it is not known yet."""
        if plan is None:
            self._facts.value = self._table.value = ""
            return
        one = "person would receive it" if plan.recipients == 1 else "people would receive it"
        self._count.value = count_html(plan.recipients, one)
        self._fall.value = waterfall_list(plan.selected, plan.waterfall) if plan.waterfall else ""
        cost = [("Cost", cost_words(plan.cost))] if plan.cost and plan.recipients else []
        self._facts.value = fact_list([*cost, ("Starts", starts(plan.steps))])
        self._table.value = timetable(plan.steps) if len(plan.steps) > 1 else ""

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """How many of each severity, as buttons that lead to them."""
        self._sum.show(
            [Chip(title, words, "Go to the first", f"seax-sum--{title}") for title, words in in_sum(findings)]
        )

    def show_step(self, step: str, *, is_complete: bool) -> None:
        """Show the one next step; with none, that is to see the plan, which can be seen of a complete campaign."""
        self._next.description = step
        self._next.layout.display = None if step else "none"
        self._reading.show_as(is_main=not step, is_shown=is_complete)
