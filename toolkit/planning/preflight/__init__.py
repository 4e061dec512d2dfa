"""The checks of a draft: every check, run over values, returning findings."""

from toolkit.planning.preflight.check_input import Outgoing
from toolkit.planning.preflight.checks import check, check_all
from toolkit.plans.earlier_sends import Past

__all__ = ["Outgoing", "Past", "check", "check_all"]
