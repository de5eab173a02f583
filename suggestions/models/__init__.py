"""What people ask and propose: requests, opinions on drafts; and the departments that answer."""

from suggestions.papers.models import Document, PaperTemplate

from .department import Department, DepartmentStaff
from .draft import Draft, DraftArticle, DraftStation, Opinion, OpinionPerson, speakers
from .order import Order
from .request import Feedback, Rating, Request

__all__ = [
    "Department",
    "DepartmentStaff",
    "Document",
    "Draft",
    "DraftArticle",
    "DraftStation",
    "Feedback",
    "Opinion",
    "OpinionPerson",
    "Order",
    "PaperTemplate",
    "Rating",
    "Request",
    "speakers",
]
