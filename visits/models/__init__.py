"""Receptions: the rules that make days, the days and their roster, and who was received."""

from .activity import Activity
from .attendance import Attendance
from .category import Category
from .rule import ReceptionRule
from .sheet import Sheet, SheetBatch
from .visit import Visit, Visitor

__all__ = [
    "Activity",
    "Attendance",
    "Category",
    "ReceptionRule",
    "Sheet",
    "SheetBatch",
    "Visit",
    "Visitor",
]
