"""What people ask and propose: requests, opinions on drafts, suggestions of deputies; and the departments that answer."""

from .case import Case
from .department import Department, DepartmentStaff
from .draft import Draft, DraftArticle, DraftStation, Opinion, OpinionPerson, speakers
from .followup import FollowUp
from .order import Order
from .request import Feedback, Rating, Request
from .suggestion import Suggestion
from .suggestion_parts import Evaluation, Meeting, Party, PartyEntry, Signer, SuggestionItem

# The table of themes builds on these, and belongs to this app.
from suggestions.themes.models import Theme  # isort: skip

__all__ = [
    "Case",
    "Department",
    "DepartmentStaff",
    "Draft",
    "DraftArticle",
    "DraftStation",
    "Evaluation",
    "Feedback",
    "FollowUp",
    "Meeting",
    "Opinion",
    "OpinionPerson",
    "Order",
    "Party",
    "PartyEntry",
    "Rating",
    "Request",
    "Signer",
    "Suggestion",
    "SuggestionItem",
    "Theme",
    "speakers",
]
