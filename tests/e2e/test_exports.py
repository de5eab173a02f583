"""A long list in a browser: asked for, watched while it is made, and taken away."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import expect

from liaison.core.jobs import KINDS, Kind, work
from liaison.exchange.exports import making
from tests import factories as f

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_long_list_is_watched_and_taken_away_without_touching_the_page(
    people, today, open_browser, monkeypatch
):
    from openpyxl import load_workbook

    f.VisitFactory(activity=today, text="=1+1")
    monkeypatch.setattr(making, "AT_ONCE", 0)
    polls, page = [], open_browser(people.office)
    page.on("request", lambda request: polls.append(request) if request.headers.get("hx-request") else None)

    page.goto("/visits/")
    page.get_by_label("处理").select_option("登记备查")
    page.get_by_role("button", name="筛选").click()
    page.wait_for_url(re.compile("outcome=NOTED"))
    page.get_by_role("button", name="导出").click()
    expect(page.get_by_text("排队中")).to_be_visible()
    assert re.search(r"/jobs/\d+/$", page.url)

    def halfway(running):
        """As the worker does it, with a look at the page in the middle of it."""
        running.progress(12_400, 20_000)
        expect(page.get_by_text("第 12 400 行，共 20 000 行")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "12400")
        return making.export(running)

    monkeypatch.setitem(KINDS, "export", Kind(halfway, KINDS["export"].open_to))
    work()
    download = page.get_by_role("link", name="下载")
    expect(download).to_be_visible()
    asked = len(polls)
    with page.expect_download() as taken:
        download.click()
    page.wait_for_timeout(2500)

    assert len(polls) == asked, "the page goes on asking"
    assert re.fullmatch(r"来访登记_平城区_导出于\d{8}\.xlsx", taken.value.suggested_filename)
    sheet = load_workbook(BytesIO(Path(taken.value.path()).read_bytes())).active
    assert "处理 登记备查" in sheet["A2"].value
    assert [(cell.value, cell.data_type) for cell in sheet[4] if cell.value == "=1+1"] == [("=1+1", "s")]
