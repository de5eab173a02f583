"""What people ask and propose: requests, opinions on drafts, suggestions of deputies; and the departments that answer."""

from .case import Case
from .department import Department, DepartmentStaff
from .draft import Draft, DraftArticle, DraftStation, Opinion, OpinionPerson, speakers
from .followup import FollowUp
from .order import Order
from .request import Feedback, Rating, Request
from .suggestion import Suggestion
from .suggestion_parts import Evaluation, Meeting, Party, PartyEntry, Signer, SuggestionItem

# So do those of papers.
from suggestions.papers.models import Document, PaperTemplate  # isort: skip

# The table of themes builds on these, and belongs to this app.
from suggestions.themes.models import Theme  # isort: skip

# Duties with folders of their own; they build on the orders and departments above.
from suggestions.projects.models import Ballot, BallotLine, Project, ProjectCheck, ProjectProgress  # isort: skip

__all__ = [
    "Ballot",
    "BallotLine",
    "Case",
    "Department",
    "DepartmentStaff",
    "Document",
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
    "PaperTemplate",
    "Party",
    "PartyEntry",
    "Project",
    "ProjectCheck",
    "ProjectProgress",
    "Rating",
    "Request",
    "Signer",
    "Suggestion",
    "SuggestionItem",
    "Theme",
    "speakers",
]
