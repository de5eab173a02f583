"""A report on paper says what the workbook says, in the layout of an official document, and draws every character."""

import re
from datetime import date, time
from io import BytesIO

import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader

from liaison.core.workflow import NotAllowed
from liaison.reports.issued import pdf
from liaison.reports.issued.content import Content
from liaison.reports.issued.making import write
from liaison.reports.metrics import METRICS, figures
from liaison.reports.periods import Kind, Period
from tests import factories as f

from .test_one_figure_everywhere import quarter  # noqa: F401 — as many of everything as its place says

pytestmark = pytest.mark.once
QUARTER = Period(Kind.QUARTERLY, date(2023, 7, 1), date(2023, 9, 30))
IN = date(2023, 9, 11)


@pytest.fixture
def received(people):
    """One day with one visitor, whose request has not been answered in time."""
    activity = f.ActivityFactory(station=people.own, day=IN, closed=True, announced_on=date(2023, 9, 1))
    visit = f.VisitFactory(
        activity=activity,
        category=people.category,
        at=time(9),
        headcount=3,
        text="𬭎家巷的㛃字看不清😀\U000105c0",
    )
    f.VisitorFactory(visit=visit, name="㛃䶮")
    request = f.RequestFactory(visit=visit, station=people.own, received_on=IN, title="𬭎家巷路灯不亮")
    order = f.OrderFactory(request=request, department=f.DepartmentFactory(area=people.county, name="住建局"))
    type(order).objects.filter(pk=order.pk).update(issued_on=IN, due_on=date(2023, 9, 20))
    return request


@pytest.fixture
def paper(people, received, tmp_path):
    def make(**more):
        content = Content(people.county, QUARTER, people.office, **more)
        write(tmp_path / "r.pdf", "pdf", content)
        return (tmp_path / "r.pdf").read_bytes()

    return make


def test_the_paper_says_what_the_page_says_and_draws_every_character(people, quarter, received, paper):  # noqa: F811
    pages = PdfReader(BytesIO(paper())).pages
    words = [re.sub(r"\s", "", page.extract_text()) for page in pages]
    text = "".join(words)

    assert words[0].startswith("平城区2023年第三季度人大代表联络站工作报表")
    assert [word for place, word in enumerate(words, 1) if not word.endswith(f"—{place}—")] == []
    wanted = figures(people.county, QUARTER.first, QUARTER.last, people.office)
    assert sum(one.value > 0 for one in wanted) > 40, "there is something to compare"
    for one in wanted:
        said = f"{one.metric.name}{one.value}{one.metric.unit}"
        if one.percent:
            base = METRICS[one.metric.base]
            said += f"占{base.name}{one.base}{base.unit}的{one.percent}%"
        assert said.replace(" ", "") in text, said
    assert f"{received.number}𬭎家巷路灯不亮南关街道联络站住建局2023-09-20没有答复" in text
    assert "𬭎家巷的㛃字看不清〔U+1F600〕〔U+105C0〕" in text
    assert "㛃*" in text
    assert "㛃䶮" not in text
    assert METRICS["requests.overdue"].definition in text
    shapes = {page.mediabox.width > page.mediabox.height for page in pages}
    assert shapes == {True, False}  # wide tables lie


def test_what_would_not_fit_on_a_hundred_pages_is_told_in_words(paper, monkeypatch):
    monkeypatch.setattr(pdf, "MOST_PAGES", pdf.BEFORE_LEDGERS + 1)
    monkeypatch.setattr(pdf, "LINES", 2)

    monkeypatch.setattr(pdf, "paper", lambda name, context, **more: render_to_string(name, context).encode())

    text = paper().decode().replace(" ", "")

    assert "接待台账共1行，印出来超过15页，没有印在这里。请看同一统计期的Excel工作簿。" in text
    assert "𬭎家巷的㛃字" not in text


def test_a_table_that_does_not_add_up_is_never_printed(paper, monkeypatch):
    counted = Content.by_station

    def one_short(self):
        return list(counted(self))[1:]

    monkeypatch.setattr(Content, "by_station", one_short)

    with pytest.raises(NotAllowed, match="对不上"):
        paper()
