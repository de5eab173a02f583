"""The models of the reports, gathered here from the duties that own them, as Django wants to find them."""

from .issued.models import Report
from .screen.models import ScreenLink
from .superior.models import SuperiorForm
from .taskboard.models import StationDocument

__all__ = ["Report", "ScreenLink", "StationDocument", "SuperiorForm"]
