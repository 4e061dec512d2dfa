"""What speaks against sending a draft: every check there is, run over values, in findings."""

from toolkit.planning.preflight.checks import check, check_all
from toolkit.planning.preflight.outgoing import Outgoing
from toolkit.plans.past import Past

__all__ = ["Outgoing", "Past", "check", "check_all"]
