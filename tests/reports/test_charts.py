"""Charts: each number stands in the drawing, in words and in the table, and leads to its records."""

import re

import pytest
from django.template.loader import render_to_string

from liaison.reports.charts import Series, Stage, bars, donut, funnel, heat_of, lines, nice_scale, sparkline

pytestmark = pytest.mark.once

MONTHS = ["1月", "2月", "3月"]
SERIES = [
    Series("收到诉求", [41, 0, 52], ["/a/1", "/a/2", "/a/3"]),
    Series("办结", [35, 0, 46], ["/b/1", "/b/2", "/b/3"]),
]
CHARTS = {
    "bars": bars("c", "每月诉求", MONTHS, SERIES, "件"),
    "lines": lines("c", "每月诉求", MONTHS, SERIES, "件"),
    "funnel": funnel("c", "五单", [Stage("接单", 240, "/a"), Stage("派单", 235, "/b", "97.9%")], "件"),
    "donut": donut("c", "满意率", 201, 205, "/a", ("满意", "评价"), "件"),
}


def drawn(chart, folded=True):
    return render_to_string("reports/charts/figure.html", {"chart": chart, "folded": folded})


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_every_mark_leads_to_its_records_and_says_its_number(chart):
    page = drawn(chart)

    assert chart.marks
    for mark in chart.marks:
        assert f'<a href="{mark.url}" aria-label="{mark.words}"><title>{mark.words}</title>' in page
    for label, cells in chart.rows:
        for number, url in cells:
            assert any(number in mark.words for mark in chart.marks)
            assert f'<a href="{url}">{number}</a>' in page or not url, label


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_what_a_chart_shows_is_also_told(chart):
    page = drawn(chart)

    assert re.search(r"<title id=\"c-title\">\w+</title><desc id=\"c-told\">[^<]*\d[^<]*。</desc>", page)
    assert "<details><summary>看数据表" in page
    assert "style=" not in page


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_on_paper_the_same_drawing_stands_without_links_and_table(chart):
    page = drawn(chart.without_links(), folded=False)

    assert "href" not in page
    assert "<table" not in page
    assert page.count("<rect") == drawn(chart).count("<rect")


@pytest.mark.parametrize("name", ["bars", "lines"])
def test_a_month_with_nothing_can_be_hit_too_and_no_two_marks_lie_upon_each_other(name):
    boxes = []
    for mark in CHARTS[name].marks:
        hit = next(shape.attrs for shape in mark.shapes if shape.attrs.get("pointer-events"))
        x, y, width, height = (float(hit[side]) for side in ("x", "y", "width", "height"))
        assert width >= 24
        assert height >= 24
        boxes.append((x, y, x + width, y + height))
    for n, one in enumerate(boxes):
        for other in boxes[n + 1 :]:
            apart = (
                one[2] <= other[0] + 0.2,
                other[2] <= one[0] + 0.2,
                one[3] <= other[1],
                other[3] <= one[1],
            )
            assert any(apart)


def test_the_second_series_differs_by_more_than_its_colour():
    (_, first), (_, second) = CHARTS["bars"].legend
    assert first.attrs["fill"] == first.attrs["stroke"]
    assert second.attrs["fill"] != second.attrs["stroke"]
    (_, first), (_, second) = CHARTS["lines"].legend
    assert "stroke-dasharray" not in first.attrs
    assert second.attrs["stroke-dasharray"]


@pytest.mark.parametrize(
    ("largest", "scale"),
    [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (7, [0, 2, 4, 6, 8]), (84, [0, 25, 50, 75, 100]), (401, [0, 200, 400, 600])],
)  # fmt: skip
def test_the_axis_has_round_numbers(largest, scale):
    assert nice_scale(largest) == scale


def test_the_ground_of_a_cell_grows_darker_with_its_number():
    assert [heat_of(value, 20) for value in (0, 1, 4, 8, 13, 20)] == [0, 1, 2, 3, 4, 5]
    assert heat_of(0, 0) == 0
    assert heat_of(1, 1) == 2


def test_a_course_of_nothing_is_not_drawn():
    assert sparkline("诉求", MONTHS, [0, 0, 0], "件") is None
    assert sparkline("诉求", ["1月"], [3], "件") is None
    assert "最多的是3月，5 件" in sparkline("诉求", MONTHS, [1, 2, 5], "件").told


def test_without_a_base_a_share_is_a_dash():
    assert "—" in drawn(donut("c", "满意率", 0, 0, "", ("满意", "评价"), "件"))
