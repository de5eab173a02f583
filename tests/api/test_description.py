"""The description of the interface is valid, complete, and reads in a browser without a script."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from liaison.api.docs import TITLES, groups

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    path = tmp_path_factory.mktemp("schema") / "schema.json"
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(path)
    )
    return json.loads(path.read_text())


def test_the_description_is_valid_and_without_warnings(described):
    assert described["openapi"].startswith("3.")


def test_every_address_of_the_contract_is_described(described):
    there = set(described["paths"])

    for thing in "areas stations deputies mandates assignments contact-links contact-records activities attendances visits appointments categories requests figures".split():
        assert f"/api/v1/{thing}/" in there
    assert "/api/v1/activities/{number}/steps/{step}/" in there
    assert "/api/v1/auth/token/" in there


def test_every_operation_tells_its_errors_and_every_creating_one_takes_a_key(described):
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Error"}, (
                path,
                method,
            )
            # To be shown a person is on record each time; no answer that names one is kept for a second asking.
            if method == "post" and "auth" not in path and not path.endswith("/person/"):
                assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}, path


def test_steps_are_described_from_their_table_and_forms(described):
    step = described["paths"]["/api/v1/activities/{number}/steps/{step}/"]["post"]

    assert "`cancel` 取消" in step["description"]
    [name] = [parameter for parameter in step["parameters"] if parameter["name"] == "step"]
    assert set(name["schema"]["enum"]) == {
        "announce",
        "begin",
        "close",
        "reopen",
        "move",
        "cancel",
        "announce_cancel",
    }


def test_the_schema_is_served_as_json_to_whoever_signed_in(as_, people):
    answer = as_(people.office).get(reverse("api:schema"))

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")


def test_every_group_of_the_readable_page_has_its_chinese_name():
    assert {group.name for group in groups()} == set(TITLES)


def test_the_readable_page_shows_every_address_and_needs_no_script(as_, people, described):
    page = as_(people.deputy).get(reverse("api:docs")).content.decode()

    for path, operations in described["paths"].items():
        for method in operations:
            assert f"{method.upper()} {path}" in page
    assert 'src="http' not in page
