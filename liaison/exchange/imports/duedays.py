"""Due days of orders that were given long ago, by the rules and the calendar of their day."""

from datetime import date, timedelta

from liaison.accounts.models import Area
from liaison.core.policy import Policies
from liaison.core.workdays import Deadline, Workdays


class Clock:
    """Rules and calendar are read once for all rows."""

    def __init__(self) -> None:
        self.calendar: Workdays | None = None
        self.policies = Policies()
        self.known: dict[tuple[date, int], Deadline] = {}

    def rule(self, name: str, area: Area, on: date) -> int:
        return int(getattr(self.policies.of(area, on), name))

    def due(self, on: date, days: int) -> Deadline:
        if (on, days) not in self.known:
            self.known[on, days] = self._calendar(on).add(on, days)
        return self.known[on, days]

    def due_in_months(self, on: date, months: int, *, roll: bool) -> Deadline:
        return self._calendar(on).add_months(on, months, roll=roll)

    def _calendar(self, on: date) -> Workdays:
        if self.calendar is None:
            self.calendar = Workdays(on - timedelta(days=400), on + timedelta(days=400))
        return self.calendar
