"""Receptions: the rules that make days, the days and their roster, who was received, and who asks to be."""

from .activity import Activity
from .appointment import Applicant, Appointment
from .attendance import Attendance
from .category import Category
from .notice import Notice
from .rule import ReceptionRule
from .visit import Visit, Visitor

__all__ = [
    "Activity", "Applicant", "Appointment", "Attendance", "Category", "Notice", "ReceptionRule", "Visit", "Visitor",
]  # fmt: skip
