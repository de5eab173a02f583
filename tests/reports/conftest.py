"""A county in which something may be done at one time and asked at another."""

from datetime import UTC, datetime

import pytest

from deputies.models import Congress, Deputy, Mandate, StationAssignment
from stations.models import Station, StationStaff
from tests import factories as f

OCTOBER = datetime(2026, 10, 12, 2, tzinfo=UTC)


@pytest.fixture
def world(people, time_machine):
    """Everybody as in `people`, there for long; a department; and the 12 October, on which nothing has happened yet."""
    for model in (Station, StationStaff, Deputy, Mandate, StationAssignment):
        model.objects.update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    Congress.objects.update(area=people.county)
    people.bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=people.bureau, post=people.unit)
    people.lead = Mandate.objects.select_related("term__congress__area").get(pk=people.deputy.mandate.pk)
    people.go_to = lambda moment: time_machine.move_to(moment, tick=False)
    people.go_to(OCTOBER)
    return people
