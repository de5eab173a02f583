"""Pages of receptions: the calendar, one day, its roster, the rules, what is printed."""

from liaison.accounts.models import Role

DESK = (Role.STATION, Role.OFFICE)
READERS = (*DESK, Role.AUDITOR, Role.DEPUTY)
