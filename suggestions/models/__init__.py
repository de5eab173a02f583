"""What people ask and propose: requests, opinions on drafts; and the departments that answer."""

from .department import Department, DepartmentStaff
from .draft import Draft, DraftArticle, DraftStation, Opinion, OpinionPerson, speakers
from .request import Request

__all__ = [
    "Department",
    "DepartmentStaff",
    "Draft",
    "DraftArticle",
    "DraftStation",
    "Opinion",
    "OpinionPerson",
    "Request",
    "speakers",
]
