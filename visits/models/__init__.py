"""Receptions: the rules that make days, the days and their roster, who was received, and who asks to be."""

from .activity import Activity
from .appointment import Applicant, Appointment
from .attendance import Attendance
from .category import Category
from .file import ActivityFile
from .invitation import Invitation
from .notice import Notice
from .rule import ReceptionRule
from .sheet import Sheet, SheetBatch
from .visit import Visit, Visitor

__all__ = [
    "Activity",
    "ActivityFile",
    "Applicant",
    "Appointment",
    "Attendance",
    "Category",
    "Invitation",
    "Notice",
    "ReceptionRule",
    "Sheet",
    "SheetBatch",
    "Visit",
    "Visitor",
]
