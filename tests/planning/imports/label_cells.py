"""Random contact files in which somebody opts out, in every form that a cell or a column can say it."""

from __future__ import annotations

import csv
import io
import random

BASE = "fair_2026"
CELLS = (
    "{base}; {word}",
    "{base}|{word}",
    "{base}, {word}",
    "{word},{base}",
    "{base} {word}",
    "{base}\n{word}",
    "{base}\t{word}",
    "{base} / {word}",
    "{base}/{word}",
    "{base} ({word})",
    "['{base}', '{word}']",
    "['{base}' '{word}']",
    '["{base}", "{word}"]',
    "array(['{base}', '{word}'], dtype=object)",
    "{{{base},{word}}}",
    "[{base}, {word}]",
    "{base}；{word}",
    "{base}、{word}",
    " {base} ;; {word} ",
    '"{base}", "{word}"',
    "{base}\\n{word}",
    "{base}: {word}",
)
WORDS = (
    "DNC",
    "dnc",
    "Unsubscribed",
    "unsubscribed",
    "opt-out",
    "Opted Out",
    "Do Not Contact",
    "do_not_contact",
    "ＤＮＣ",
    "STOP",
)
COLUMNS = {
    "Opted Out": (("yes", "TRUE", "1", "x", "2026-11-20", "20.11.2026", "Y"), ("no", "", "0", "FALSE", "n/a")),
    "DNC": (("1", "yes", "Nov 20, 2026"), ("0", "", "-")),
    "Unsubscribed at": (("2026-11-20T09:00:00Z", "45992"), ("", "NULL")),
    "SMS Opt-In": (("no", "0", "false", ""), ("yes", "1", "TRUE")),
    "Consent": (("No", "revoked", "withdrawn"), ("Yes", "given", "2026-01-01")),
}
WRITINGS = (
    "+1{a}{b}{c}",
    "({a}) {b}-{c}",
    "{a}.{b}.{c}",
    "1-{a}-{b}-{c}",
    "{a}{b}{c}",
    "+1 ({a}) {b} {c}",
    "1{a}{b}{c}.0",
)


def random_file(draw: random.Random) -> tuple[str, set[str], set[str]]:
    """A file, the phones of those who opt out in it, and of those who do not."""
    places = [("999", f"{at:03}", f"{draw.randrange(10_000):04}") for at in draw.sample(range(200, 999), 14)]
    column = draw.choice([*COLUMNS, None])
    rows, out, kept = [], set(), set()
    for at, (a, b, c) in enumerate(places):
        phone = f"+1{a}{b}{c}"
        opts_out = at % 2 == 0
        by_column = opts_out and column is not None and draw.random() < 0.5
        label = BASE
        if opts_out and not by_column:
            label = draw.choice(CELLS).format(base=BASE, word=draw.choice(WORDS))
        row = [f"P{at}", draw.choice(WRITINGS).format(a=a, b=b, c=c), label]
        if column is not None:
            row.append(draw.choice(COLUMNS[column][0 if by_column else 1]))
        rows.append(row)
        (out if opts_out else kept).add(phone)
        if opts_out and draw.random() < 0.3:  # the same number in another row that says nothing of it
            said = [draw.choice(COLUMNS[column][1])] if column is not None else []
            rows.append([f"Q{at}", draw.choice(WRITINGS).format(a=a, b=b, c=c), BASE, *said])
    draw.shuffle(rows)
    text = io.StringIO()
    written = csv.writer(text, delimiter=draw.choice(",;\t|"), lineterminator=draw.choice(["\n", "\r\n"]))
    written.writerow(
        ["name", "phone", draw.choice(["labels", "Tags", "label", "Groups"]), *([column] if column else [])]
    )
    written.writerows(rows)
    return text.getvalue(), out, kept
