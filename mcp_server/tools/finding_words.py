"""What findings say, in words of the tools: findings are written once, and some name arguments as Python has them.

No tool overrides a finding: a reason is a person's to give, in the notebook.
"""

from __future__ import annotations

import re

_IN_TOOL_WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\b(\w+)=True\b", r"\1: true"),
        (r"\b(\w+)='(\w+)'", r"\1: \2"),
        (r"\bmapping=\{('[^}]*')\}", r"mapping: \1"),
        (r": see ws\.phones\(\)", ": get_status lists them"),
        (r": draft\.as_test\(\)", ": as_test: true"),
        (
            r"\boverride ([A-Z]{3}\d{3})",
            r"ask the analyst to override \1 in the notebook",
        ),
        (r"\bgive a reason in overrides\b", "ask the analyst to give a reason in the notebook"),
        (r"\bwith a reason in overrides\b", "with a reason that the analyst gives in the notebook"),
    )
)


def in_tool_words(said: str) -> str:
    """A sentence of a finding, for a model."""
    for pattern, words in _IN_TOOL_WORDS:
        said = pattern.sub(words, said)
    return said
