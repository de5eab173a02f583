"""What people ask and propose: requests, and opinions on drafts."""

from .draft import Draft, DraftArticle, DraftStation, Opinion, OpinionPerson
from .request import Request

__all__ = ["Draft", "DraftArticle", "DraftStation", "Opinion", "OpinionPerson", "Request"]
