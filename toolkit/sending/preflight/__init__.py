"""What speaks against sending a draft: every check there is, run over values, in findings."""

from toolkit.sending.preflight.checks import check
from toolkit.sending.preflight.outgoing import Outgoing
from toolkit.sending.preflight.past import Past

__all__ = ["Outgoing", "Past", "check"]
