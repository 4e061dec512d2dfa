"""What all plots share: colours that work on white and on black, texts that stay text, and the format of numbers.

Colours are of Okabe and Ito's palette for colour-blind people (2008), the four with a contrast of 3 to white and to
JupyterLab's black; the grey of words is as far from one as from the other. The ground is transparent.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from toolkit.display import plain
from toolkit.errors import NotSupported
from toolkit.frames import lazy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.plots.picture import Picture

INK = "#777777"
BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
WIDTH = 9.0  # inches
_CAPTION = 130  # letters a line
_LINE = 0.17  # inches
_LABEL = 34  # ordinary letters
_EM, _LETTER = 100, 0.6  # the size to measure at, in points, and the part of it that an ordinary letter is wide
_SIGN = "\u25a1"  # for a character that no font here can draw
_FONTS = (
    "DejaVu Sans",  # comes with matplotlib
    "Noto Sans CJK JP",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Noto Sans Arabic",
    "Noto Sans Devanagari",
)


def picture(title: str, caption: str, lines: Sequence[str], *, height: float) -> tuple[Picture, Axes]:
    """An empty picture with its words; NotSupported where matplotlib is not installed."""
    try:
        from toolkit.plots.picture import Picture
    except ModuleNotFoundError as error:
        raise NotSupported("Pictures need matplotlib: install seax-toolkit[notebook].") from error
    title = fitted(title, 72)
    caption = "\n".join(line for part in caption.splitlines() for line in wrap(part, _CAPTION))
    height += _LINE * caption.count("\n")
    figure = Picture("\n".join([title, *(f"  {plain(line)}" for line in lines), caption]), width=WIDTH, height=height)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", **style())
    figure.supxlabel(caption, x=0.01, ha="left", fontsize=9, **style())
    axes = figure.add_subplot()
    dress(axes)
    return figure, axes


def dress(axes: Axes) -> None:
    """Nothing behind it, grey lines below and on the left, grey numbers."""
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[:].set_color(INK)
    axes.tick_params(colors=INK, labelsize=9, labelfontfamily=_fonts())


def empty(title: str, sentence: str) -> Picture:
    """An empty picture with an explanation."""
    figure, axes = picture(title, "", [sentence], height=1.4)
    axes.set_axis_off()
    axes.text(0, 0.5, sentence, transform=axes.transAxes, va="center", fontsize=10, **style())
    return figure


def style() -> dict[str, Any]:
    """How words are drawn: literally, never as formulas."""
    return {"color": INK, "parse_math": False, "usetex": False, "fontfamily": _fonts()}


def fitted(text: object, width: float = _LABEL) -> str:
    """The text on one line, at most this many letters wide, with a symbol for what no font here can draw."""
    kept, used = "", 0.0
    for character in unicodedata.normalize("NFC", plain(str(text))):
        glyph = character if _letters(character) is not None else "" if unicodedata.combining(character) else _SIGN
        used += (_letters(glyph) or 0.0) if glyph else 0.0
        if used > width:
            return kept.rstrip() + "…"
        kept += glyph
    return kept or "(no name)"


@cache
def _fonts() -> list[str]:
    from matplotlib.font_manager import get_font_names

    there = set(get_font_names())
    return [name for name in _FONTS if name in there]


@cache
def _letters(character: str) -> float | None:
    """How wide a character is, in ordinary letters; None if no font can draw it."""
    from matplotlib.font_manager import findfont, get_font

    for name in _fonts():
        font = get_font(findfont(name))
        if font.get_char_index(ord(character)):
            font.set_size(_EM, 72)
            return float(font.load_char(ord(character)).linearHoriAdvance / 65_536 / (_LETTER * _EM))
    return None


def plot_rows(frame: IntoFrame, *columns: str) -> pd.DataFrame:
    """These columns of a frame of any engine, in pandas; UnknownColumn if one is missing."""
    rows: pd.DataFrame = lazy(frame, *columns).collect("pandas").to_native()
    return rows


def each(rows: pd.DataFrame) -> Iterator[Any]:
    """The rows in order, their values as attributes."""
    return iter(rows.itertuples(index=False))


def share(part: float, whole: float) -> str:
    """97.0 %, or a dash if there is none."""
    return f"{part / whole * 100:.1f} %" if whole else "–"


def interval(low: float, high: float) -> str:
    """A 95 % interval, as (96.9 to 97.2 %); empty where there is none."""
    return "" if math.isnan(low) else f" ({low * 100:.1f} to {high * 100:.1f} %)"
