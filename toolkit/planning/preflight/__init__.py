"""What speaks against sending a draft: every check there is, run over values, in findings."""

from toolkit.planning.preflight.checks import check
from toolkit.planning.preflight.outgoing import Outgoing
from toolkit.plans.past import Past

__all__ = ["Outgoing", "Past", "check"]
