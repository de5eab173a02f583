"""The models of the reports, gathered here from the duties that own them, as Django wants to find them."""

from .tallies.models import Tally, TallyMark

__all__ = ["Tally", "TallyMark"]
