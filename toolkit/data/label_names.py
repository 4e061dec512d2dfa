"""What the labels of one workspace mean: by their names, unless its policy overrides them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from toolkit.models import Label
from toolkit.texting.opt_out_words import LabelMeaning, folded_name, label_meaning


@dataclass(frozen=True, slots=True)
class LabelNames:
    """Names that mean "opted out" in a workspace, and names that do not mean it there, although they look like it."""

    opt_out: tuple[str, ...] = ()
    not_opt_out: tuple[str, ...] = ()

    def meaning(self, name: str) -> LabelMeaning | None:
        """What this label means for texting whoever has it; see `toolkit.texting.opt_out_words.label_meaning`."""
        folded = folded_name(name)
        if folded in map(folded_name, self.opt_out):
            return "opted_out"
        return None if folded in map(folded_name, self.not_opt_out) else label_meaning(name)

    def codes(self, labels: Iterable[Label], *meanings: LabelMeaning) -> list[int]:
        """The positions of the labels that have one of these meanings."""
        return [code for code, label in enumerate(labels) if self.meaning(label.name) in meanings]


AS_NAMED = LabelNames()  # meanings by name alone
