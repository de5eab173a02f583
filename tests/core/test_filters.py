"""What a list is narrowed by: a number that no row can have is refused in words, and never an error of the database."""

import pytest

HUGE = "9" * 23


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/activities/?view=list&deputy=", 200),
        ("/activities/?view=list&group=", 200),
        ("/activities/?view=list&deputy=-", 200),
        ("/contacts/?mandate=", 200),
        ("/api/v1/activities/?deputy=", 400),
        ("/api/v1/attendances/?mandate=", 400),
        ("/api/v1/contact-records/?link=", 400),
        ("/api/v1/opinions/?article=", 400),
        ("/visits/{}/", 404),
        ("/api/v1/visits/{}/", 404),
    ],
)
def test_a_number_that_no_row_can_have(people, as_, address, status):
    found = as_(people.office).get(address.format(HUGE) if "{}" in address else address + HUGE)
    assert found.status_code == status


@pytest.mark.parametrize(("listing", "field"), [("activities", "deputy"), ("proposal", "proposal")])
def test_nothing_is_exported_by_such_a_number(people, as_, listing, field):
    answer = as_(people.office).post(f"/exports/{listing}/", {field: HUGE})
    assert answer.status_code == 409
    assert "没有导出" in answer.content.decode()
