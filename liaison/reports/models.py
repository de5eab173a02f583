"""The models of the reports, gathered here from the duties that own them, as Django wants to find them."""

from .superior.models import SuperiorForm

__all__ = ["SuperiorForm"]
