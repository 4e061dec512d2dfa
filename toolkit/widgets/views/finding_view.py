"""Findings as HTML: one line each, what to do and the source behind it."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.plans.finding import Finding
from toolkit.widgets.forms.repairs import in_page_words, ordered
from toolkit.widgets.views.markup import escaped

MARKS = {"block": "■ Block", "warn": "▲ Warning", "info": "● Note", "overridden": "□ Overridden"}


def finding_line(finding: Finding) -> str:
    """One finding: its sentence, and behind it what to do, what was found and where the rule comes from."""
    evidence = "".join(f"<li>{escaped(line)}</li>" for line in finding.evidence)
    source = f"{finding.source} ({finding.as_of})" if finding.as_of else finding.source
    return (
        f"<details><summary><b>{MARKS[finding.title]}</b> {escaped(in_page_words(finding.message))}</summary>"
        f"<p>{escaped(in_page_words(finding.fix))}</p>"
        + (f"<p>Overridden: {escaped(finding.override)}</p>" if finding.override else "")
        + (f"<ul>{evidence}</ul>" if evidence else "")
        + f"<p>{escaped(finding.code)}{f' · {escaped(source)}' if source else ''}</p></details>"
    )


def finding_list(findings: Sequence[Finding]) -> str:
    """Findings under one another, the most severe first."""
    return "".join(
        f'<div class="seax-find seax-find--{each.title}" style="display:block">{finding_line(each)}</div>'
        for each in ordered(findings)
    )


def in_sum(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    """How many of each severity, in words: (severity, "■ 2 blocks")."""
    found = []
    for title, mark in MARKS.items():
        count = sum(each.title == title for each in findings)
        sign, word = mark.split(" ", 1)
        ending = "" if count == 1 or title == "overridden" else "s"
        if count:
            found.append((title, f"{sign} {count:,} {word.lower()}{ending}"))
    return found
