"""A matplotlib figure that shows itself in a notebook, once, and is also readable as text.

It is made without pyplot, which keeps every figure: nothing leaks, and nothing is shown twice.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from matplotlib.figure import Figure

_DPI = 110


class Picture(Figure):
    """A figure to change, combine or save like any other; `words` describes it in lines of text."""

    def __init__(self, words: str, *, width: float, height: float) -> None:
        super().__init__(figsize=(width, height), dpi=_DPI, layout="constrained", facecolor="none")
        self.words = words

    @property
    def png(self) -> bytes:
        """The picture as a PNG file with a transparent background."""
        file = BytesIO()
        self.savefig(file, format="png", metadata={"Software": None, "Description": self.words})
        return file.getvalue()

    def __str__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, bytes | str]:
        return {"image/png": self.png, "text/plain": self.words}
