"""Import in the browser: nothing is written before the second button, and then exactly what was seen."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from liaison.core import jobs
from liaison.core.models import AuditEntry, Job
from liaison.core.workflow import NotAllowed
from liaison.exchange.imports import views
from liaison.exchange.models import Upload
from stations.models import Station
from tests import factories as f
from tests.exchange.books import STATION, book
from visits.models import Visit

pytestmark = pytest.mark.once


@pytest.fixture
def choose(tmp_path):
    """Choose a workbook on the page; returns the answer."""

    def send(client, sheets):
        path = book(tmp_path / "a.xlsx", sheets)
        with path.open("rb") as file:
            return client.post("/imports/", {"file": file, "idem": str(timezone.now())})

    return send


def opened(answer):
    from openpyxl import load_workbook

    return load_workbook(BytesIO(answer.getvalue()))


def seen_on(response):
    return response.context["form"]["seen"].value()


def test_a_file_is_looked_at_then_taken_then_shown(people, as_, choose):
    client = as_(people.office)
    wrong = STATION | {"编号": "PC10", "名称": "西门联络站", "启用日期": "2023-11-31"}
    page = client.get(choose(client, {"站点": [STATION, wrong]}).headers["Location"])
    text = page.content.decode()
    assert "没有2023年11月31日这一天，请检查。" in text
    assert "导入 1 条" in text
    assert "有问题的 1 行不导入" in text
    assert not Station.objects.filter(code="PC09").exists()

    done = client.post(page.request["PATH_INFO"], {"seen": seen_on(page), "idem": "1"}, follow=True)

    assert "已导入 1 条。" in done.content.decode()
    assert "下载有问题的 1 行" in done.content.decode()
    assert set(Station.objects.filter(code__in=("PC09", "PC10")).values_list("code", flat=True)) == {"PC09"}
    entry = AuditEntry.objects.get(action="exchange.upload.import")
    assert entry.data["figures"] == {"站点": {"new": 1, "wrong": 1}}
    again = client.post(page.request["PATH_INFO"], {"seen": seen_on(page), "idem": "2"})
    assert again.status_code == 302
    assert AuditEntry.objects.filter(action="exchange.upload.import").count() == 1


def test_of_two_tabs_one_imports(people):
    upload = f.upload(people.station)
    other = Upload.objects.get()
    upload.done({"来访": {"new": 1}}, by=people.station)
    with pytest.raises(NotAllowed, match="这个文件刚刚已导入"):
        other.done({"来访": {"new": 1}}, by=people.station)
    assert AuditEntry.objects.filter(action="exchange.upload.import").count() == 1


def test_what_changed_since_the_look_is_said_and_nothing_is_written(people, as_, choose):
    client = as_(people.office)
    page = client.get(choose(client, {"站点": [STATION]}).headers["Location"])
    f.StationFactory(area=people.town, code="PC77", name="新桥联络站")  # somebody was quicker
    answer = client.post(page.request["PATH_INFO"], {"seen": seen_on(page), "idem": "1"})
    assert answer.status_code == 409
    assert "核对以后数据有了变化" in answer.content.decode()
    assert "这个区划里已有同名的站点（PC77）" in answer.content.decode()
    assert not Station.objects.filter(code="PC09").exists()


def test_a_file_that_cannot_be_read_is_refused_in_words_and_not_kept(people, as_):
    file = BytesIO("编号,名称\n".encode("gbk"))
    file.name = "站点.xlsx"
    answer = as_(people.office).post("/imports/", {"file": file})
    assert answer.status_code == 409
    assert "也许是文本或 CSV 改了扩展名" in answer.content.decode()
    assert not Upload.objects.exists()


def test_too_many_rows_for_a_page_are_refused_in_words(people, as_, choose, monkeypatch):
    monkeypatch.setattr(views, "LOOKED_AT", 1)
    answer = choose(as_(people.office), {"站点": [STATION, STATION | {"编号": "PC10"}]})
    assert "有 2 行，在网页上一次最多 1 行" in answer.content.decode()


def test_the_rejected_rows_come_back_with_the_reason_and_are_no_formulas(people, as_, choose):
    client = as_(people.office)
    bad = STATION | {"名称": "=1+1", "类型": "驿站"}
    address = choose(client, {"站点": [STATION | {"编号": "PC10"}, bad]}).headers["Location"]
    answer = client.get(f"{address}rejected.xlsx")
    rows = list(opened(answer)["站点"].values)
    assert rows[0][-1] == "错误原因"
    assert len(rows) == 2
    assert rows[1][0] == "PC09"
    assert "类型：没有“驿站”这一项" in rows[1][-1]


def test_a_file_waits_for_its_owner_alone_and_for_a_day(people, as_):
    upload = f.upload(people.station)
    address = f"/imports/{upload.key}/"
    assert as_(people.station).get(address).status_code == 200
    assert as_(people.office).get(address).status_code == 404
    Upload.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    assert as_(people.station).get(address).status_code == 404
    stored = upload.file.name
    assert default_storage.exists(stored)
    assert Upload.objects.forget_old(timezone.now()) == 1
    assert not default_storage.exists(stored)


def test_a_station_imports_visits_of_its_own_and_tabs_show_each_kind(people, as_):
    client = as_(people.station)
    address = f"/imports/{f.upload(people.station).key}/"
    page = client.get(address)
    assert "手机号少了 1 位" in page.content.decode()
    assert "任秀芳" in client.get(f"{address}?sheet=来访&rows=new").content.decode()
    client.post(address, {"seen": seen_on(page), "idem": "1"})
    assert Visit.objects.get().visitor.name == "任秀芳"


def test_the_template_holds_what_one_may_import(people, as_):
    answer = as_(people.station).get("/imports/template.xlsx")
    made = opened(answer)
    assert made.sheetnames == ["填写说明", "活动", "来访"]
    lists = made["来访"].data_validations.dataValidation
    assert [rule.formula1 for rule in lists] == ['"现场答复,提交派单,登记备查,不予受理"']
    assert made["来访"]["A2"].number_format == "@"


def test_a_large_file_is_taken_in_the_background_and_a_second_attempt_finds_it_done(
    people, as_, choose, monkeypatch
):
    monkeypatch.setattr(views, "WRITTEN", 0)
    client = as_(people.office)
    page = client.get(choose(client, {"站点": [STATION]}).headers["Location"])
    answer = client.post(page.request["PATH_INFO"], {"seen": seen_on(page), "idem": "1"})
    found = Job.objects.get(kind="import")
    assert answer.headers["Location"] == found.get_absolute_url()
    assert not Station.objects.filter(code="PC09").exists()
    jobs.run(Job.objects.lease(found.pk, timezone.now()))
    found.refresh_from_db()
    assert (found.state, found.text) == ("DONE", "已导入 1 条。")
    assert Station.objects.filter(code="PC09").count() == 1
    assert "已导入 1 条" in client.get(page.request["PATH_INFO"]).content.decode()
    Job.objects.update(state="QUEUED")
    jobs.run(Job.objects.lease(found.pk, timezone.now()))
    assert AuditEntry.objects.filter(action="exchange.upload.import").count() == 1
