"""`seax doctor`: whether this machine is set up as the toolkit needs it; it makes no request and changes nothing.

With `--service` it asks the service instead, about 25 reads, whether it answers as we know its API. With `--rehearse`
it texts the operator's own number, once a person has approved that.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from toolkit.cli.terminal import (
    AsJson,
    connected,
    console,
    is_here,
    say,
    say_json,
    settings,
    switch_here,
    typed_count,
)
from toolkit.errors import SettingsError, ToolkitError
from toolkit.platform_support import is_private, user_name

if TYPE_CHECKING:
    from toolkit.settings import Settings

PACKAGE = "seax-toolkit"
Verdict = Literal["ok", "note", "wrong"]
_COLOURS: dict[Verdict, str] = {"ok": "green", "note": "yellow", "wrong": "bold red"}


@dataclass(frozen=True)
class Check:
    """One check; `wrong` prevents something from working, `note` is for information."""

    what: str
    verdict: Verdict
    detail: str


def examine(
    as_json: AsJson = False,
    service: Annotated[bool, typer.Option(help="Ask the service whether it answers as expected; reads only.")] = False,
    report: Annotated[Path | None, typer.Option(help="With --service: write what was seen to this file.")] = None,
    rehearse: Annotated[bool, typer.Option(help="Text your own number, to prove what cannot be read.")] = False,
    sender: Annotated[str, typer.Option(help="With --rehearse: the sender; else the default one.")] = "",
) -> None:
    """Check this machine, or a service with --service.

    Python, packages, the home folder, policy, ledger, keys and terminal; status 1 if something is wrong.

    With --service: 0 if it answers as expected, 1 if there are deviations, 2 if it does not answer.

    With --rehearse, two campaigns to the first of the policy's test_numbers that is a contact, each approved here: one
    is kept as a draft, watched for a minute and launched, the other scheduled and canceled. What is seen is kept with
    its date; two stages are used once they are proven.
    """
    if rehearse:
        _rehearse(sender)
        return
    if service or report:
        _examine_service(report, as_json=as_json)
        return
    checks = list(checked())
    if as_json:
        say_json([asdict(check) for check in checks])
    else:
        from rich.text import Text

        wide = max(len(check.what) for check in checks)
        for check in checks:
            line = Text.assemble((f"{check.verdict:<5}", _COLOURS[check.verdict]), f"  {check.what:<{wide}}  ")
            console.print(line + Text(check.detail), soft_wrap=True)
    if any(check.verdict == "wrong" for check in checks):
        raise typer.Exit(1)


def _examine_service(report: Path | None, *, as_json: bool) -> None:
    try:
        with connected() as ws:
            found = ws.inspect_service()
    except ToolkitError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if report is not None:
        report.write_text(found.report(), encoding="utf-8")
    if as_json:
        say_json({"verdict": found.verdict, "deviations": found.deviations, "seen": found.notes})
    else:
        from rich.text import Text

        rows = [("deviation", each) for each in found.deviations] + [("seen", each) for each in found.notes]
        for what, words in rows:
            console.print(Text.assemble((f"{what:<9}", "yellow" if what == "deviation" else "green"), f"  {words}"))
        console.print(f"{found.verdict} ({found.requests} reads of {found.spoken})", markup=False, highlight=False)
    if found.deviations:
        raise typer.Exit(1)


def _rehearse(sender: str) -> None:
    from toolkit.sending.evidence import REHEARSED

    if not is_here():
        raise SettingsError("A person approves a rehearsal: run this in a terminal. Nothing was sent.")
    with connected() as ws:
        for what in REHEARSED:
            plan = ws.rehearsal.plan(what, sender=sender)
            say(str(plan))
            approval = ws.approvals.ask_at_terminal(plan.id, by=user_name(), ask=typed_count)
            say("Its draft is watched for a minute before it is launched.")
            found = ws.rehearsal.run(approval)
            say(str(found))
            if not found.is_proven:
                raise typer.Exit(1)


def checked() -> Iterator[Check]:
    """All checks that can be made; those that depend on something wrong are omitted."""
    yield Check(what="Python", verdict="ok", detail=f"{platform.python_version()} on {platform.system()}")
    yield from _packages()
    try:
        here = settings()
    except ToolkitError as error:
        yield Check(what="settings", verdict="wrong", detail=str(error))
        return
    where = f"live workspace {here.workspace_id}" if here.api_key else "embedded workspace, invented people"
    yield Check(what="settings", verdict="ok", detail=f"{where}; mode {here.mode}")
    yield _home(here.home)
    yield from _looked_at("policy", lambda: _policy(here))
    yield from _looked_at("sending", _sending)
    yield from _looked_at("ledger", lambda: _ledger(here))
    yield from _looked_at("approvers", lambda: _approvers(here))
    yield _terminal()
    yield _browser()


def _looked_at(what: str, look: Callable[[], Check]) -> Iterator[Check]:
    try:
        yield look()
    except ToolkitError as error:
        yield Check(what=what, verdict="wrong", detail=str(error))


def _packages() -> Iterator[Check]:
    from importlib.metadata import PackageNotFoundError, metadata, requires, version

    try:
        own, needed = version(PACKAGE), requires(PACKAGE) or []
    except PackageNotFoundError:
        yield Check(
            what=PACKAGE, verdict="wrong", detail="is not installed: `pip install` the wheel or the repository."
        )
        return
    yield Check(what=PACKAGE, verdict="ok", detail=own)
    plain = [_name(line) for line in needed if "extra ==" not in line]
    missing = [name for name in plain if not _is_installed(name)]
    if missing:
        yield Check(what="packages", verdict="wrong", detail=f"Missing: {', '.join(missing)}. Install {PACKAGE} again.")
    else:
        yield Check(what="packages", verdict="ok", detail=f"all {len(plain)} that are needed")
    extras = [extra for extra in metadata(PACKAGE).get_all("Provides-Extra") or [] if extra not in {"test", "bench"}]
    for extra in extras:
        named = [_name(line) for line in needed if f"extra == '{extra}'" in line.replace('"', "'")]
        absent = [name for name in named if not _is_installed(name)]
        found = ", ".join(f"{name} {version(name)}" for name in named if name not in absent)
        detail = f"not installed: {', '.join(absent)}; add `[{extra}]` to the name of the package when you install it"
        yield Check(what=f"[{extra}]", verdict="note" if absent else "ok", detail=detail if absent else found)


def _name(requirement: str) -> str:
    """The package of a line such as `mcp<3,>=2.3; extra == 'mcp'`."""
    return next(requirement[:at] for at, sign in enumerate(f"{requirement};") if not (sign.isalnum() or sign in "-_."))


def _is_installed(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _home(home: Path) -> Check:
    private = is_private(home)
    if private is None:
        return Check(what="home", verdict="note", detail=f"{home}; check in its properties who else may read it")
    if not private:
        fix = "contains people's numbers and other accounts can read it: `chmod 700` it"
        return Check(what="home", verdict="wrong", detail=f"{home} {fix}.")
    return Check(what="home", verdict="ok", detail=f"{home}, which only you can read")


def _policy(settings: Settings) -> Check:
    from toolkit.plans.policy import load_policy

    load_policy(settings.policy_path)
    detail = str(settings.policy_path) if settings.policy_path else "none, so the default limits apply"
    return Check(what="policy", verdict="ok", detail=detail)


def _sending() -> Check:
    reason = switch_here().reason
    if reason is None:
        return Check(what="sending", verdict="ok", detail="not halted")
    return Check(what="sending", verdict="note", detail=f"halted by {reason}; run `seax resume` to continue")


def _ledger(settings: Settings) -> Check:
    is_file = settings.ledger_place == settings.ledger_path
    own = "; SEAX_LEDGER counts with a key only, the embedded workspace keeps its own" if settings.ledger else ""
    own = own if is_file else ""
    if is_file and not settings.ledger_path.exists():
        return Check(what="ledger", verdict="ok", detail=f"none yet; the first plan creates it{own}")
    with connected() as ws:
        audit, access = ws.ledger.audit(""), ws.ledger.access()
    if not audit.is_whole:
        return Check(what="ledger", verdict="wrong", detail=f"{audit.problems[0]} `seax audit verify` shows all.")
    plans, events = (
        f"{count:,} {what}{'' if count == 1 else 's'}"
        for count, what in ((audit.plans, "plan"), (audit.events, "event"))
    )
    line = f"; {access}" if access else ""
    return Check(what="ledger", verdict="ok", detail=f"{plans} and {events} match{line}{own}")


def _approvers(settings: Settings) -> Check:
    from toolkit.sending.approver_keys import Approvers

    keys = Approvers(settings.approvers_path, settings.approvers)
    names = keys.names()
    if not names:
        detail = "nobody has a key; `seax approver create NAME` creates one"
        return Check(what="approvers", verdict="note" if settings.api_key else "ok", detail=detail)
    pinned = sum(key in keys.pinned for key in names.values())
    return Check(what="approvers", verdict="ok", detail=f"{len(names)} with a key here, {pinned} pinned")


def _terminal() -> Check:
    encoding = getattr(sys.stdout, "encoding", "") or "unknown"
    if not is_here():
        return Check(what="terminal", verdict="note", detail=f"{encoding}; no person can approve here")
    return Check(what="terminal", verdict="ok", detail=f"{encoding}; a person can approve here")


def _browser() -> Check:
    import webbrowser

    try:
        webbrowser.get()
    except webbrowser.Error:
        return Check(what="browser", verdict="note", detail="none found: pages are opened by their address")
    return Check(what="browser", verdict="ok", detail="pages open by themselves")
