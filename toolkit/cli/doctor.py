"""`seax doctor`: whether this machine is as the toolkit needs it. It asks no service and changes nothing."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import TYPE_CHECKING, Literal

import typer
from rich.text import Text

from toolkit.cli.terminal import AsJson, connected, console, is_here, say_json
from toolkit.errors import ToolkitError
from toolkit.machine import is_private
from toolkit.models import Frozen
from toolkit.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "seax-toolkit"
Verdict = Literal["ok", "note", "wrong"]
_COLOURS: dict[Verdict, str] = {"ok": "green", "note": "yellow", "wrong": "bold red"}


class Check(Frozen):
    """One thing that was looked at; `wrong` keeps something from working, `note` is good to know."""

    what: str
    verdict: Verdict
    detail: str


def examine(as_json: AsJson = False) -> None:
    """Look at Python, packages, the home folder, policy, ledger, keys and terminal; status 1 if something is wrong."""
    checks = list(checked())
    if as_json:
        say_json([check.model_dump() for check in checks])
    else:
        wide = max(len(check.what) for check in checks)
        for check in checks:
            line = Text.assemble((f"{check.verdict:<5}", _COLOURS[check.verdict]), f"  {check.what:<{wide}}  ")
            console.print(line + Text(check.detail), soft_wrap=True)
    if any(check.verdict == "wrong" for check in checks):
        raise typer.Exit(1)


def checked() -> Iterator[Check]:
    """Everything that can be looked at; what rests on something wrong is not."""
    yield Check(what="Python", verdict="ok", detail=f"{platform.python_version()} on {platform.system()}")
    yield from _packages()
    try:
        settings = Settings.from_environment()
    except ToolkitError as error:
        yield Check(what="settings", verdict="wrong", detail=str(error))
        return
    where = f"real workspace {settings.workspace_id}" if settings.api_key else "embedded workspace, nobody real in it"
    yield Check(what="settings", verdict="ok", detail=f"{where}; mode {settings.mode}")
    yield _home(settings.home)
    yield from _looked_at("policy", lambda: _policy(settings))
    yield from _looked_at("sending", lambda: _sending(settings))
    yield from _looked_at("ledger", lambda: _ledger(settings))
    yield from _looked_at("approvers", lambda: _approvers(settings))
    yield _terminal()
    yield _browser()


def _looked_at(what: str, look: Callable[[], Check]) -> Iterator[Check]:
    try:
        yield look()
    except ToolkitError as error:
        yield Check(what=what, verdict="wrong", detail=str(error))


def _packages() -> Iterator[Check]:
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
        detail = f"not installed: {', '.join(absent)}; `[{extra}]` behind the name of the package brings it"
        yield Check(what=f"[{extra}]", verdict="note" if absent else "ok", detail=detail if absent else found)


def _name(requirement: str) -> str:
    """The package of a line such as `mcp<3,>=2.3; extra == 'mcp'`."""
    return next(requirement[:at] for at, sign in enumerate(f"{requirement};") if not (sign.isalnum() or sign in "-_."))


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _home(home: Path) -> Check:
    private = is_private(home)
    if private is None:
        return Check(what="home", verdict="note", detail=f"{home}; who else may read it is set in its properties")
    if not private:
        fix = "holds people's numbers and others on this machine can look into it: `chmod 700` it"
        return Check(what="home", verdict="wrong", detail=f"{home} {fix}.")
    return Check(what="home", verdict="ok", detail=f"{home}, which only you can read")


def _policy(settings: Settings) -> Check:
    from toolkit.plans.policy import load_policy

    load_policy(settings.policy_path)
    detail = str(settings.policy_path) if settings.policy_path else "none, so the usual limits hold"
    return Check(what="policy", verdict="ok", detail=detail)


def _sending(settings: Settings) -> Check:
    from toolkit.sending.halt import KillSwitch

    reason = KillSwitch(settings.home).reason
    if reason is None:
        return Check(what="sending", verdict="ok", detail="not halted")
    return Check(what="sending", verdict="note", detail=f"halted by {reason}; `seax resume` when it may go on")


def _ledger(settings: Settings) -> Check:
    if not settings.ledger_path.exists():
        return Check(what="ledger", verdict="ok", detail="none yet; the first plan makes it")
    with connected() as ws:
        audit = ws.audit("")
    if not audit.is_whole:
        return Check(what="ledger", verdict="wrong", detail=f"{audit.problems[0]} `seax audit verify` shows all of it.")
    return Check(what="ledger", verdict="ok", detail=f"{audit.plans:,} plans and {audit.events:,} events fit together")


def _approvers(settings: Settings) -> Check:
    from toolkit.sending.keys import Approvers

    keys = Approvers(settings.approvers_path, settings.approvers)
    names = keys.names()
    if not names:
        detail = "nobody has a key; `seax approver create NAME` makes one"
        return Check(what="approvers", verdict="note" if settings.api_key else "ok", detail=detail)
    pinned = sum(key in keys.pinned for key in names.values())
    return Check(what="approvers", verdict="ok", detail=f"{len(names)} with a key here, {pinned} pinned")


def _terminal() -> Check:
    encoding = getattr(sys.stdout, "encoding", "") or "unknown"
    if not is_here():
        return Check(what="terminal", verdict="note", detail=f"{encoding}; no person is here who could approve")
    return Check(what="terminal", verdict="ok", detail=f"{encoding}; a person can approve here")


def _browser() -> Check:
    import webbrowser

    try:
        webbrowser.get()
    except webbrowser.Error:
        return Check(what="browser", verdict="note", detail="none found: pages are opened by their address")
    return Check(what="browser", verdict="ok", detail="pages open by themselves")
