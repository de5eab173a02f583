"""What a first view may weigh in scripts, compressed (ux.md §4.3). queue.js is loaded after the page."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

HOUSE = Path(settings.BASE_DIR)
# The layout that a page chooses by itself; else each must do in the layout of the desk, and those of deputies in both.
PHONE = {
    "suggestions/door.html",
    "dashboards/deputy.html",
    "deputies/me.html",
    "visits/mine.html",
    "suggestions/request.html",
}
BUDGET = {"layouts/phone.html": 5, "layouts/public.html": 5, "layouts/desk.html": 25}  # KB


def scripts(*templates):
    for template in templates:
        yield from re.findall(
            r'<script src="{% static "(js/[\w.]+)" %}', (HOUSE / "templates" / template).read_text()
        )


def weight(names):
    return sum(len(gzip.compress((HOUSE / "static" / name).read_bytes(), 9)) for name in set(names))


@pytest.mark.parametrize("layout", BUDGET)
def test_the_scripts_of_a_page_stay_within_the_budget(layout):
    heavy = {}
    for path in (HOUSE / "templates").rglob("*.html"):
        page = path.relative_to(HOUSE / "templates").as_posix()
        text = path.read_text()
        drawn_in = "layouts/phone.html" if page in PHONE else "layouts/desk.html"
        if f'extends "{layout}"' in text or ("extends layout" in text and layout == drawn_in):
            total = weight([*scripts(layout, "base.html", page)])
            if total > BUDGET[layout] * 1024:
                heavy[page] = total
    assert not heavy
