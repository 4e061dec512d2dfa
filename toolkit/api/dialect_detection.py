"""At which address a live workspace answers, and in which dialect: asked once, with reads, and kept with its date.

What is asked: whether the service lists campaigns, which only the published API does. `SEAX_DIALECT` decides without
asking; `seax doctor --service` asks again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from toolkit.api import guide, published
from toolkit.api.dialect import ApiCall, Dialect
from toolkit.errors import NotFound, ServiceError, UnexpectedReply
from toolkit.settings import LIVE_URL, OLDER_URL, DialectName, Settings

Ask = Callable[[str, ApiCall], bytes]  # the reply to a read at an address
DIALECTS: Mapping[str, Dialect] = {"guide": guide, "published": published}
_USUAL = {"guide": OLDER_URL, "published": LIVE_URL}


@dataclass(frozen=True)
class Spoken:
    """The dialect that a workspace speaks, at which address, and since when that is known; "" if it was set."""

    base_url: str
    dialect: Dialect
    seen: str = ""

    def __str__(self) -> str:
        since = f", as it answered on {self.seen}" if self.seen else ", as it was set"
        return f"the {self.dialect.NAME} API at {self.base_url}{since}"


def spoken_at(addresses: Mapping[str, str], dialect: DialectName | None) -> Spoken:
    """Of a service with an address for each dialect, the guide's unless another is chosen."""
    name = dialect or "guide"
    return Spoken(addresses[name], DIALECTS[name])


@dataclass(frozen=True)
class ServiceChoice:
    """How a live workspace is reached: at an address that was set or the usual ones, in a dialect set or asked for.

    Answers are kept by workspace, in a file of the settings.
    """

    settings: Settings
    now: Callable[[], datetime]

    @property
    def is_set(self) -> bool:
        """The dialect was set, and is not asked for."""
        return self.settings.dialect is not None

    def known(self) -> Spoken | None:
        """What was set, or found earlier; None if it has to be asked."""
        given, dialect = self.settings.base_url, self.settings.dialect
        if dialect:
            return Spoken(_USUAL[dialect] if given == LIVE_URL else given, DIALECTS[dialect])
        found = self._kept().get(self.settings.workspace)
        if isinstance(found, dict) and found.get("dialect") in DIALECTS and found.get("base_url") in self._addresses:
            return Spoken(found["base_url"], DIALECTS[found["dialect"]], str(found.get("seen", "")))
        return None

    def ask(self, ask: Ask) -> Spoken:
        """Ask the service, and keep the answer; raises the error that ends it if nothing answers as known."""
        base_url, dialect = _asked(ask, self._addresses)
        spoken = Spoken(base_url, dialect, f"{self.now():%Y-%m-%d}")
        kept, workspace = self._kept(), self.settings.workspace
        before = kept.get(workspace)  # with what was rehearsed
        answer = {"base_url": base_url, "dialect": dialect.NAME, "seen": spoken.seen}
        kept[workspace] = (before if isinstance(before, dict) else {}) | answer
        with suppress(OSError):  # it is asked again then
            self.settings.service_path.write_text(json.dumps(kept, indent=2), encoding="utf-8")
        return spoken

    @property
    def _addresses(self) -> Sequence[str]:
        return (LIVE_URL, OLDER_URL) if self.settings.base_url == LIVE_URL else (self.settings.base_url,)

    def _kept(self) -> dict[str, object]:
        try:
            kept = json.loads(self.settings.service_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}


def _asked(ask: Ask, addresses: Sequence[str]) -> tuple[str, Dialect]:
    missing: ServiceError | None = None
    for base_url in addresses:
        try:
            body = ask(base_url, ApiCall("campaigns", {"limit": "1"}))
        except ServiceError as error:
            if error.status not in {404, 405}:
                raise
            missing = error
            continue
        if b'"data"' in body:
            return base_url, published
        raise UnexpectedReply(
            "The service lists campaigns in a way that neither its guide nor its published API has: check "
            "SEAX_BASE_URL, and run `seax doctor --service`."
        )
    for base_url in reversed(addresses):
        with suppress(NotFound):
            ask(base_url, ApiCall("contacts", {"limit": "1"}))
            return base_url, guide
    assert missing is not None  # there is an address
    raise NotFound(
        f"No SeaX service answers at {' or '.join(addresses)} for this workspace: check SEAX_BASE_URL and "
        "SEAX_WORKSPACE_ID.",
        status=404,
    ) from missing
