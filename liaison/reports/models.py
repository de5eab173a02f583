"""The models of the reports, gathered here from the duties that own them, as Django wants to find them."""

from .taskboard.models import StationDocument

__all__ = ["StationDocument"]
