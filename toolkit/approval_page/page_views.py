"""What the approval page shows: the way in, the plans that wait, one plan with the decision beside it, a passkey.

Each page is whole and works without a script, except for passkeys. Whatever came from outside is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from toolkit.display import when
from toolkit.plans.approval import Needed
from toolkit.plans.plan import Plan
from toolkit.widgets.forms.send_form import SendForm
from toolkit.widgets.views.markup import escaped, refusal, status, widget_style
from toolkit.widgets.views.plan_view import fact_list, plan_facts, plan_html

_HERE = Path(__file__).parent
_ASSISTANT = "mcp"


@dataclass(frozen=True)
class Signer:
    """Somebody who can sign: their name and, with a passkey, its id and the challenge for the plan shown."""

    name: str
    passkey: str = ""
    challenge: str = ""


@dataclass(frozen=True)
class Shown:
    """One plan for a person to decide on: what is required, who can sign, who made it, and what was just refused."""

    plan: Plan
    needed: Needed
    made_by: str
    via: str
    signers: Sequence[Signer] = ()
    typed: str = ""
    by: str = ""
    refused: str = ""


def policy() -> str:
    """The page's content security policy: its one script by its digest, and nothing from anywhere else."""
    digest = base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def way_in(token: str) -> str:
    """What the address itself shows: nothing of any plan, and a button that uses the address up."""
    return _narrow(
        "SeaX approvals",
        "<h1>Plans that wait for your decision</h1><p>This address opens them once, on this computer.</p>"
        f'<form method="post" action="/"><input type="hidden" name="token" value="{escaped(token)}">'
        '<button class="seax-btn seax-btn--next">Open</button></form>',
    )


def closed(words: str) -> str:
    """A page that offers nothing more."""
    return _narrow("SeaX approvals", words)


def inbox(key: str, plans: Sequence[Shown], *, said: str = "") -> str:
    """The plans that wait, an assistant's first."""
    ordered = sorted(plans, key=lambda each: _ASSISTANT not in each.via)
    count = f"{len(plans):,} {'plan waits' if len(plans) == 1 else 'plans wait'} for you" if plans else (
        "No plan waits for you"
    )  # fmt: skip
    rows = "".join(map(_row, ordered))
    return _whole(
        count,
        f"{status(said) if said else ''}<h1>{count}</h1>"
        f'<form method="post" action="/">{_hidden(key=key)}'
        + (f'<ul class="seax-list">{rows}</ul>' if rows else "<p>Plans show here as they are made.</p>")
        + '<p class="seax-row" style="margin-top:16px"><button class="seax-btn" name="doing" value="list">Look again'
        '</button><button class="seax-btn seax-btn--link" name="doing" value="new passkey">Create a passkey</button>'
        "</p></form>",
    )


def plan_page(key: str, shown: Shown, *, until: str) -> str:
    """One plan as the notebook's panel shows it, and the decision beside it."""
    plan = shown.plan
    kind, word, rest = (
        ("live", "LIVE", "real people receive these messages")
        if plan.live
        else ("embedded", "EMBEDDED", "invented people, nobody is texted")
    )
    return _whole(
        _asked(plan),
        f'<p class="seax-where seax-where--{kind}"><b>{word}</b> <span>{rest}</span>'
        f'<span class="seax-push">{escaped(plan.workspace_id)}</span></p>'
        f'<div class="seax-build"><div><section class="seax-ask"><p class="seax-row">{_made(shown)}'
        f'<span class="seax-quiet seax-small">{when(plan.created_at, "%H:%M")} · {escaped(until)}</span></p>'
        f"<h1>{_asked(plan)}</h1>{fact_list(_facts(plan))}{_warning(plan)}</section>"
        f"{plan_html(plan, written_by='the assistant' if _ASSISTANT in shown.via else '')}</div>"
        f"{_card(key, shown)}</div>",
    )


def passkey_page(key: str, challenge: str, *, said: str = "", refused: str = "") -> str:
    """The form that creates a passkey, or what to do with one just created."""
    form = (
        f'<form method="post" action="/" data-decision data-challenge="{escaped(challenge)}">'
        f'{_hidden(key=key, doing="", answer="")}<div class="seax-field"><label for="name">Your short name, as in ana'
        '</label><input class="seax-in" id="name" name="name" autocomplete="off"></div>'
        '<button class="seax-btn seax-btn--next" name="doing" value="keep passkey" data-act="Create a passkey" '
        'data-passkey="Create a passkey">Create a passkey</button><p role="status" class="seax-small">Your device '
        "keeps the key; its public part is kept here.</p></form>"
    )
    back = (
        f'<form method="post" action="/">{_hidden(key=key)}<button class="seax-btn" name="doing" value="list">'
        "All plans</button></form>"
    )
    return _narrow(
        "A passkey of yours",
        f"<h1>A passkey of yours</h1>{status(said) if said else form}{refusal(refused) if refused else ''}{back}",
    )


def _card(key: str, shown: Shown) -> str:
    plan, needed = shown.plan, shown.needed
    form = SendForm(plan, needed=needed)
    approve = "Sign" if needed.signed else "Approve"
    two = f'<p class="seax-small">This plan requires {escaped(str(needed))}.</p>' if needed.people > 1 else ""
    weight = "live" if plan.live else "next"
    return (
        '<aside class="seax-card" aria-label="Your decision">'
        f"{plan_facts(plan)}<hr>"
        f'<form method="post" action="/" data-decision>{_hidden(key=key, plan=plan.id, doing="", answer="")}'
        f'<div class="seax-field"><label for="count">Type the number of {form.counted}</label><input id="count" '
        f'class="seax-in seax-num" name="count" inputmode="numeric" autocomplete="off" value="{escaped(shown.typed)}">'
        "</div>"
        f'{_who(shown)}{two}<button class="seax-btn seax-btn--{weight}" name="doing" value="approve" '
        f'data-act="{approve} {plan.recipients:,}" data-passkey="{approve} {plan.recipients:,} with passkey">'
        f"{approve} {plan.recipients:,}</button>{refusal(shown.refused) if shown.refused else ''}"
        '<p role="status" class="seax-small"></p>'
        '<p class="seax-row"><button class="seax-btn" name="doing" value="decline">Decline</button>'
        '<button class="seax-btn seax-btn--link seax-push" name="doing" value="list">All plans</button></p></form><hr>'
        '<p class="seax-small seax-quiet">This page approves and sends nothing itself. Whoever asked can then send '
        "this plan once, and no other.</p>"
        f'<p class="seax-small seax-quiet">Wherever you were asked, the same code is shown:<br><code class="seax-code">'
        f"{escaped(plan.digest[:12])}</code></p></aside>"
    )


def _who(shown: Shown) -> str:
    if not shown.needed.signed:
        return (
            '<div class="seax-field"><label for="by">Your name</label><input class="seax-in" id="by" name="by" '
            f'autocomplete="off" value="{escaped(shown.by)}"></div>'
        )
    if not shown.signers:
        return (
            '<p class="seax-small">It has to be signed, and nobody has a key here: create a passkey under All plans, '
            "or run <code>seax approver create NAME</code> in a terminal.</p>"
        )
    options = "".join(
        f'<option value="{escaped(each.name)}"{" selected" if each.name == shown.by else ""}'
        + (f' data-passkey="{each.passkey}" data-challenge="{each.challenge}"' if each.passkey else "")
        + f">{escaped(each.name)}{', passkey' if each.passkey else ''}</option>"
        for each in shown.signers
    )
    return (
        '<div class="seax-field"><label for="approver">Who signs</label>'
        f'<select class="seax-in" id="approver" name="approver">{options}</select></div>'
        '<div class="seax-field"><label for="passphrase">Passphrase of the key</label><input class="seax-in" '
        'id="passphrase" name="passphrase" type="password" autocomplete="off"></div>'
    )


def _row(shown: Shown) -> str:
    plan = shown.plan
    warnings = f" · needs {escaped(str(shown.needed))}" if shown.needed.signed or shown.needed.people > 1 else ""
    return (
        f"<li><div><p><b>{escaped(plan.draft.name)}</b> · {escaped(plan.draft.kind)}</p>"
        f'<p class="seax-small seax-quiet">{_made(shown)} until {when(plan.expires_at, "%H:%M")}{warnings}</p></div>'
        f'<span class="seax-num"><b>{plan.recipients:,}</b> {SendForm(plan).counted}</span>'
        f'<button class="seax-btn" name="plan" value="{escaped(plan.id)}" '
        f'aria-label="Review {escaped(plan.draft.name)}">Review</button></li>'
    )


def _made(shown: Shown) -> str:
    if _ASSISTANT in shown.via:
        return '<span class="seax-made seax-made--assistant">◆ Asked by an assistant</span>'
    return f'<span class="seax-made">Made by {escaped(shown.made_by or "somebody")} ({escaped(shown.via)})</span>'


def _warning(plan: Plan) -> str:
    if not plan.read_others:
        return ""
    return (
        '<div class="seax-caution"><b>▲ Warning</b> The assistant read text that others wrote before it made this '
        "plan. Such text can steer an assistant.</div>"
    )


def _facts(plan: Plan) -> list[tuple[str, str]]:
    senders = ", ".join(f"{sender.name} {sender.phone}" for sender in plan.senders)
    return [("From", senders)] if senders else []


def _asked(plan: Plan) -> str:
    """The question, as a heading."""
    count, draft = plan.recipients, plan.draft
    if draft.kind == "import":
        return f"Import {escaped(plan.counted)}?"
    if draft.kind == "label removal":
        return f"Take the label {escaped(draft.label)} from {escaped(plan.counted)}, and delete it?"
    if draft.kind == "test":
        return f"Send a test to {count:,} of your own numbers?"
    noun = "picture message" if draft.media_urls else "text message"
    return f"Send {count:,} {noun}{'' if count == 1 else 's'}?"


def base64url(content: bytes) -> str:
    """Bytes as a page's script reads them."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _hidden(**fields: str) -> str:
    return "".join(f'<input type="hidden" name="{name}" value="{escaped(value)}">' for name, value in fields.items())


def _narrow(title: str, body: str) -> str:
    return _whole(title, f'<div class="seax-narrow">{body}</div>')


def _whole(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escaped(title)} · SeaX approvals</title><style>{widget_style()}{_css()}</style></head><body>"
        f'<main class="seax"><div class="seax-page">{body}</div></main><script>{_script()}</script></body></html>'
    )


@cache
def _css() -> str:
    return (_HERE / "page.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    return (_HERE / "page.js").read_text(encoding="utf-8")
