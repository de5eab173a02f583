"""What people ask and propose: requests, opinions on drafts; and the departments that answer."""

from suggestions.papers.models import Document, PaperTemplate

from .department import Department, DepartmentStaff
from .draft import Draft, DraftArticle, DraftStation, Opinion, OpinionPerson, speakers
from .followup import FollowUp
from .order import Order
from .request import Feedback, Rating, Request

# The table of themes builds on these, and belongs to this app.
from suggestions.themes.models import Theme  # isort: skip

# A duty with a folder of its own; it builds on the departments above.
from suggestions.projects.models import Ballot, BallotLine, Project, ProjectCheck, ProjectProgress  # isort: skip

__all__ = [
    "Ballot",
    "BallotLine",
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
    "Project",
    "ProjectCheck",
    "ProjectProgress",
    "Rating",
    "Request",
    "Theme",
    "speakers",
]
