"""承办单位: the posts that act for a department."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from liaison.accounts.models import Role
from suggestions.models import DepartmentStaff
from tests import factories as f


@pytest.fixture
def staff(people):
    """Of one department, since June 2024."""
    post = f.PostFactory(role=Role.UNIT, area=people.county, user__name="吴新")
    department = f.DepartmentFactory(area=people.county)
    return DepartmentStaff.objects.create(post=post, department=department, from_on=date(2024, 6, 1))


def test_an_earlier_time_may_be_entered_afterwards_and_none_twice(staff):
    past = DepartmentStaff(post=staff.post, department=staff.department, from_on=date(2024, 1, 1))
    past.to_on = date(2024, 5, 31)
    past.full_clean()
    for past.to_on in (date(2024, 6, 1), None):
        with pytest.raises(ValidationError, match="不用再加"):
            past.full_clean()


def test_only_posts_of_departments_in_the_area_can_be_chosen(people, staff, as_):
    elsewhere = f.PostFactory(role=Role.UNIT, area=people.other_county, user__name="郑远")
    page = as_(people.admin).get("/admin/suggestions/departmentstaff/add/").content.decode()

    assert f'value="{staff.post.pk}"' in page
    assert f'value="{elsewhere.pk}"' not in page
    assert f'value="{people.station.pk}"' not in page
