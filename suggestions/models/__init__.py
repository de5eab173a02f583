"""What people ask and propose: requests, opinions on drafts; and the departments that answer."""

from suggestions.papers.models import Document, PaperTemplate

from .department import Department, DepartmentStaff
from .draft import Draft, DraftArticle, DraftStation, Opinion, OpinionPerson, speakers
from .followup import FollowUp
from .order import Order
from .request import Feedback, Rating, Request

# The table of themes builds on these, and belongs to this app.
from suggestions.themes.models import Theme  # isort: skip

__all__ = [
    "Department",
    "DepartmentStaff",
    "Document",
    "Draft",
    "DraftArticle",
    "DraftStation",
    "Feedback",
    "FollowUp",
    "Opinion",
    "OpinionPerson",
    "Order",
    "PaperTemplate",
    "Rating",
    "Request",
    "Theme",
    "speakers",
]
