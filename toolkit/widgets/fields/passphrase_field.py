"""A field for a passphrase, which is removed from the page's state as soon as it is typed.

A widget's state is saved with the notebook and sent to every page that shows it. So the kernel takes what was typed
out of the field at once and keeps it as a plain value, until it is used or dropped.
"""

from __future__ import annotations

from ipywidgets import Password
from pydantic import SecretStr
from traitlets import Bool, Unicode


class PassphraseField(Password):  # type: ignore[misc]  # ipywidgets has no types
    """Takes a passphrase typed by a person; `is_filled` can be observed, the passphrase can be taken out once."""

    value = Unicode("", help="always empty here").tag(sync=True, echo_update=False)
    is_filled = Bool(False, read_only=True)

    def __init__(self, **options: object) -> None:
        self._passphrase: SecretStr | None = None
        super().__init__(continuous_update=False, **options)
        self.observe(lambda change: self._keep(change["new"]), "value")

    def take(self) -> SecretStr | None:
        """The passphrase, which is then forgotten here; None if none was typed."""
        taken, self._passphrase = self._passphrase, None
        self.set_trait("is_filled", False)
        self.placeholder = ""
        return taken

    def _keep(self, typed: str) -> None:
        if typed:
            self._passphrase = SecretStr(typed)
            self.value = ""
            self.placeholder = "entered, not shown; type again to change it"
            self.set_trait("is_filled", True)
