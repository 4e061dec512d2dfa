"""Where the toolkit connects and keeps its files, read once from the environment.

A key makes the workspace live; without one it is the embedded workspace. Every mistake is one sentence that
states which variable to set to what. How much is allowed (the mode) comes from SEAX_MODE alone: code may only lower it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, field_validator, model_validator

from toolkit.errors import ModeForbids, SettingsError
from toolkit.models import Frozen

LIVE_URL = "https://seax.seasalt.ai/seax-api"
OLDER_URL = "https://seax.seasalt.ai/bulk-sms-api"  # as the API guide has it; asked if the other does not answer
EMBEDDED_WORKSPACE = "sandbox.invalid/3fa85f64-5717-4562-b3fc-2c963f66afa6"
Mode = Literal["read", "draft", "test", "live"]
UNPROVEN = (
    "Nobody has run this toolkit against the live service yet: `seax doctor --service`, which only reads, shows "
    "whether it answers as expected."
)
DialectName = Literal["guide", "published"]
MODES: tuple[Mode, ...] = get_args(Mode)  # each allows what those before it allow, and one thing more
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Settings(Frozen):
    """Where to connect; `api_key` is None for the embedded workspace.

    `dialect` is which version of the API the service speaks: that of its guide, or the one it publishes. A live service
    is asked unless it is given; the embedded one speaks the guide's.

    `policy` names the file of limits; without it `policy.toml` in `home` is used, if it exists.
    `approvers` are the fingerprints of the keys whose signatures count, None for those in `home`. If there are any,
    the policy may only lower `signed_above` and `two_person_above`, the numbers of recipients within 24 hours above
    which a live workspace requires a signature, or two people's.
    `ledger` is the address of a team's ledger in PostgreSQL, postgresql://…, without a password; None for the file in
    `home`. An embedded workspace keeps its file anyway: every home's has the same id, and would answer with
    what another one sent.
    `mode` is how much is allowed: `read` reads, `draft` also plans and approves, `test` also sends to the operator's
    own numbers, `live` sends. Settings made in code are at most `draft` on a live workspace.
    """

    _wrong = SettingsError

    home: Path
    api_key: SecretStr | None = None
    workspace_id: str | None = None
    base_url: str = LIVE_URL
    dialect: DialectName | None = None
    policy: Path | None = None
    ledger: str | None = Field(default=None, repr=False)  # with a password in it, it is refused when it is used
    approvers: tuple[str, ...] | None = None
    signed_above: Annotated[int, Field(ge=0)] = 100
    two_person_above: Annotated[int, Field(ge=0)] | None = None
    mode: Mode = Field(default_factory=lambda data: _usual_mode(data.get("api_key")))

    @field_validator("base_url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        return _url(url)

    @model_validator(mode="after")
    def _is_whole(self) -> Settings:
        if self.api_key and not re.fullmatch(r"[\x21-\x7e]+", self.api_key.get_secret_value()):
            raise SettingsError(
                "The API key (SEAX_API_KEY) contains a space or an invalid character: copy it again from Workspace → "
                "API Key."
            )
        if self.api_key and not self.workspace_id:
            raise SettingsError("A key needs a workspace id: give workspace_id too.")
        if self.workspace_id is not None:
            _check_id(self.workspace_id)
        if not allows(_usual_mode(self.api_key), self.mode):
            raise SettingsError(f"Code cannot raise the mode to {self.mode}: set SEAX_MODE={self.mode} outside.")
        return self

    def __getstate__(self) -> dict[Any, Any]:
        """Refuses to be pickled with a key, which would be in the bytes; SettingsError says what to do instead."""
        if self.api_key:
            raise SettingsError(
                "Settings with a key are not pickled, as the key would be in the bytes: call "
                "Settings.from_environment() where they are needed."
            )
        return super().__getstate__()

    def lowered(self, mode: Mode) -> Settings:
        """The same with at most this mode; a higher one changes nothing."""
        if mode not in MODES:
            raise SettingsError(f"Unknown mode {mode!r}: give one of {', '.join(MODES)}.")
        return self if allows(mode, self.mode) else self.model_copy(update={"mode": mode})

    @property
    def policy_path(self) -> Path | None:
        """The file with the sending limits; None if there is none."""
        usual = self.home / "policy.toml"
        return self.policy or (usual if usual.exists() else None)

    @property
    def ledger_path(self) -> Path:
        """The SQLite file shared by every interface on this machine; an embedded workspace has its own."""
        return self.home / ("ledger.sqlite3" if self.api_key else "embedded-ledger.sqlite3")

    @property
    def ledger_place(self) -> Path | str:
        """Where the workspace's ledger is: the file, or the address of the team's for a live one."""
        return self.ledger if self.ledger and self.api_key else self.ledger_path

    @property
    def workspace(self) -> str:
        """The workspace as the ledger keeps it: its host and its id."""
        if not self.api_key or not self.workspace_id:
            return EMBEDDED_WORKSPACE
        return f"{host_of(self.base_url)}/{self.workspace_id}"

    @property
    def service_path(self) -> Path:
        """The file that keeps where and how live services answer."""
        return self.home / "service.json"

    @property
    def approvers_path(self) -> Path:
        """The folder with the keys of the approvers."""
        return self.home / "approvers"

    @property
    def sandbox_path(self) -> Path:
        """The embedded workspace's SQLite file."""
        return self.home / "embedded-workspace.sqlite3"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the key, workspace, address, home, policy and mode from SEAX_ variables; SettingsError if wrong."""
        env = os.environ if environ is None else environ
        key = env.get("SEAX_API_KEY", "").strip()
        workspace_id = env.get("SEAX_WORKSPACE_ID", "").strip()
        home = _home(env.get("SEAX_HOME", "").strip())
        pinned = env.get("SEAX_APPROVERS", "").strip()
        approvers = tuple(pinned.replace(",", " ").split()) if pinned else None  # a host's empty setting names nobody
        mode = _mode(env.get("SEAX_MODE", "").strip())
        signed, two = _count(env, "SEAX_SIGNED_ABOVE"), _count(env, "SEAX_TWO_PERSON_ABOVE")
        above = {"signed_above": signed, "two_person_above": two}
        thresholds = {name: count for name, count in above.items() if count is not None}
        named = env.get("SEAX_POLICY", "").strip()
        policy = Path(named).expanduser() if named else None
        dialect = _dialect(env.get("SEAX_DIALECT", "").strip())
        ledger = _ledger(env.get("SEAX_LEDGER", "").strip())
        if not key:
            return cls(
                home=home,
                policy=policy,
                ledger=ledger,
                approvers=approvers,
                mode=mode or "live",
                dialect=dialect,
                **thresholds,
            )
        if not workspace_id:
            raise SettingsError(
                "SEAX_API_KEY is set but SEAX_WORKSPACE_ID is not: set it to the workspace's id, or unset "
                "SEAX_API_KEY to work on the embedded workspace."
            )
        _check_id(workspace_id)
        url = env.get("SEAX_BASE_URL", "").strip() or LIVE_URL
        settings = cls(
            home=home,
            api_key=SecretStr(key),
            workspace_id=workspace_id,
            base_url=url,
            dialect=dialect,
            policy=policy,
            ledger=ledger,
            approvers=approvers,
            **thresholds,
        )
        return settings.model_copy(update={"mode": mode}) if mode else settings


def host_of(url: str) -> str:
    """The host of an address, with its port unless that is the usual one: the same for every path and spelling."""
    parts = urlsplit(url)
    name, usual = (parts.hostname or "").rstrip("."), {"https": 443, "http": 80}.get(parts.scheme)
    return name if parts.port in {None, usual} else f"{name}:{parts.port}"


def allows(mode: Mode, needed: Mode) -> bool:
    """An action that needs the first mode is allowed in the second."""
    return MODES.index(mode) >= MODES.index(needed)


def need(mode: Mode, needed: Mode, verb: str) -> None:
    """Raise ModeForbids unless an action that needs the second mode is allowed in the first."""
    if not allows(mode, needed):
        raise ModeForbids(f"Mode {mode} does not allow you to {verb}: set SEAX_MODE={needed}. Nothing was done.")


def _usual_mode(key: SecretStr | None) -> Mode:
    return "draft" if key else "live"  # the embedded workspace has no real people


def _mode(text: str) -> Mode | None:
    if text and text not in MODES:
        raise SettingsError(f"SEAX_MODE {text!r} is not a mode: set it to one of {', '.join(MODES)}, or unset it.")
    return next((mode for mode in MODES if mode == text), None)


def _dialect(text: str) -> DialectName | None:
    known: tuple[DialectName, ...] = get_args(DialectName)
    if text and text not in known:
        raise SettingsError(f"SEAX_DIALECT {text!r} is not one: set it to {' or '.join(known)}, or unset it.")
    return next((name for name in known if name == text), None)


def _ledger(address: str) -> str | None:
    if address and not address.startswith(("postgresql://", "postgres://")):
        raise SettingsError(
            "SEAX_LEDGER is not an address of PostgreSQL: set it to postgresql://host/database or "
            "postgresql:///?service=name, or unset it to keep the ledger in SEAX_HOME."
        )
    return address or None


def _count(env: Mapping[str, str], name: str) -> int | None:
    text = env.get(name, "").strip()
    if text and not (text.isascii() and text.isdigit()):
        raise SettingsError(
            f"{name} {text!r} is not a number of recipients: set it to a number such as 100, or unset it."
        )
    return int(text) if text else None


def _home(text: str) -> Path:
    home = Path(text).expanduser() if text else platformdirs.user_data_path("seax")
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            f"The folder {home} cannot be created ({error.strerror}): set SEAX_HOME to a folder you can write."
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise SettingsError(f"The folder {home} cannot be written: set SEAX_HOME to a folder you can write.")
    return home


def _check_id(workspace_id: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", workspace_id):
        raise SettingsError(
            f"SEAX_WORKSPACE_ID {workspace_id!r} is not an id: an id looks like 3fa85f64-5717-4562-b3fc-2c963f66afa6, "
            "copy yours from the address of your workspace."
        )


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname if parts.port != 0 else None  # an invalid port raises too
    except ValueError:
        parts, host = urlsplit(""), None
    if (
        not host
        or not text.isprintable()
        or " " in text
        or parts.scheme not in {"http", "https"}
        or parts.query
        or parts.fragment
    ):
        raise SettingsError(f"SEAX_BASE_URL {text!r} is not an address: give it as {LIVE_URL}.")
    if parts.scheme == "http" and host not in _LOOPBACK and not host.endswith(".invalid"):  # resolves nowhere
        raise SettingsError(f"SEAX_BASE_URL {text!r} would send the key unencrypted: use https.")
    if parts.username or parts.password:
        raise SettingsError("SEAX_BASE_URL must not hold a user name or password: put the key in SEAX_API_KEY.")
    return text.rstrip("/")
