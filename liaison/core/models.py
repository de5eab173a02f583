"""The tables of this layer. Each stands in the module of its duty."""

from .audit import AuditEntry
from .files import Attachment
from .idempotency import SentBefore
from .jobs import Job
from .numbering import Sequence
from .outbox import InboxItem, NoticeChoice, OutboxMessage
from .policy import PolicyVersion
from .workdays import CalendarDay, CalendarYear

__all__ = [
    "Attachment",
    "AuditEntry",
    "CalendarDay",
    "CalendarYear",
    "InboxItem",
    "Job",
    "NoticeChoice",
    "OutboxMessage",
    "PolicyVersion",
    "SentBefore",
    "Sequence",
]
