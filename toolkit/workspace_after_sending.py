"""What can be done about a campaign that was sent: cancel it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from toolkit.platform_support import user_name
from toolkit.settings import Mode, need
from toolkit.workspace_reports import Reports

if TYPE_CHECKING:
    from toolkit.sending.cancel import Cancellation


class AfterSending(Reports):
    """What a workspace offers once something was sent; it sends nothing."""

    mode: Mode
    face: str

    def cancel(
        self, campaign_id: str, *, why: str = "", by: str = "", sleep: Callable[[float], object] = time.sleep
    ) -> Cancellation:
        """Cancel a campaign that is scheduled or running, without an approval, and report how many had been sent.

        What was sent cannot be recalled, and what was canceled cannot be resumed: plan it again under another name. It
        is written in the ledger. Waits up to a minute for the service to confirm; safe to repeat. Raises NotSupported,
        with another way, where the service cannot cancel, and ModeForbids below mode test.
        """
        from toolkit.sending.cancel import cancel

        need(self.mode, "test", "cancel a campaign")
        return cancel(
            self._client,
            self._ledger,
            campaign_id,
            workspace=self._address,
            by=by or user_name(),
            via=self.face,
            why=why,
            now=self._now,
            service_now=self._service_now,
            sleep=sleep,
        )
