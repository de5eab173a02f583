"""docs/workflows.md draws the tables that the product goes by, and no others."""

from pathlib import Path

import pytest

from liaison.core.management.commands.draw_workflows import drawn

pytestmark = pytest.mark.once


def test_the_drawn_tables_are_those_of_the_code():
    page = Path(__file__).parent.parent / "docs/workflows.md"
    assert page.read_text() == drawn(), "run manage.py draw_workflows > docs/workflows.md"
