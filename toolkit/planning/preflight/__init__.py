"""The checks of a draft: every check, run over values, returning findings."""

from toolkit.planning.preflight.checks import check, check_all
from toolkit.planning.preflight.outgoing import Outgoing
from toolkit.plans.past import Past

__all__ = ["Outgoing", "Past", "check", "check_all"]
