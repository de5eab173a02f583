"""The models of the reports, gathered here from the duties that own them, as Django wants to find them."""

from .issued.models import Report
from .schedules.models import ReportSchedule, ScheduledReport
from .screen.models import ScreenLink
from .seals.models import Seal, SealCheck, SealedKeys
from .superior.models import SuperiorForm
from .tallies.models import Tally, TallyMark
from .taskboard.models import StationDocument

__all__ = [
    "Report",
    "ReportSchedule",
    "ScheduledReport",
    "ScreenLink",
    "Seal",
    "SealCheck",
    "SealedKeys",
    "StationDocument",
    "SuperiorForm",
    "Tally",
    "TallyMark",
]
