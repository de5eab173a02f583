"""What a first view may weigh in scripts, compressed (ux.md §4.3). queue.js is loaded after the page."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

HOUSE = Path(settings.BASE_DIR)
DESK = {"suggestions/log.html"}  # never drawn for a phone; what leaves its layout open must do in both
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
        drawn_in = {"layouts/desk.html"} if page in DESK else {"layouts/desk.html", "layouts/phone.html"}
        if f'extends "{layout}"' in text or ("extends layout" in text and layout in drawn_in):
            total = weight([*scripts(layout, "base.html", page)])
            if total > BUDGET[layout] * 1024:
                heavy[page] = total
    assert not heavy
