"""QR codes: issued by who keeps the thing, permanent, sent on or revoked with a reason, counted without anybody in it."""

import re

import pytest
from django.utils import timezone

from deputies import codes
from deputies.models import LETTERS, QrScans, QrToken, new_token
from liaison.core.models import AuditEntry
from liaison.core.workflow import NotAllowed
from tests import factories as f


@pytest.fixture
def code(people):
    return QrToken.objects.issue(people.own, by=people.station)


def text(response):
    return re.sub(r"<[^>]+>", "", response.content.decode())


def test_a_token_is_ten_letters_that_cannot_be_mistaken_for_others():
    tokens = {new_token() for _ in range(300)}

    assert len(tokens) == 300
    assert all(len(token) == 10 and set(token) <= set(LETTERS) for token in tokens)
    assert not set(LETTERS) & set("01ILO")


@pytest.mark.once
@pytest.mark.parametrize("who", ["station", "office", "office_city"])
def test_who_keeps_a_station_issues_its_code_once(as_, people, who):
    browser = as_(getattr(people, who))
    page = browser.get("/deputies/codes/PC01/")
    assert "发一个二维码" in text(page)
    assert "<svg viewBox" not in page.content.decode()

    assert browser.post("/deputies/codes/PC01/", {"idem": "1"})["Location"] == "/deputies/codes/PC01/"
    token = QrToken.objects.get()
    page = browser.get("/deputies/codes/PC01/")
    assert "<svg viewBox" in page.content.decode()
    assert f"{token.token[:5]} {token.token[5:]}" in text(page)
    assert "请认准 zhan.example.gov.cn" in text(page)
    assert AuditEntry.objects.of(token).get().action == "deputies.qrtoken.enter"

    again = browser.post("/deputies/codes/PC01/", {"idem": "2"})
    assert again.status_code == 409
    assert "已有在用的二维码" in text(again)


@pytest.mark.once
@pytest.mark.parametrize(
    ("who", "status"),
    [("station_child", 404), ("station_sibling", 404), ("office_other", 404), ("deputy", 403), ("auditor", 403), ("admin", 403)],
)  # fmt: skip
def test_who_does_not_keep_it_does_not(as_, people, who, status):
    assert as_(getattr(people, who)).post("/deputies/codes/PC01/", {"idem": "1"}).status_code == status
    assert not QrToken.objects.exists()


def test_a_deputy_has_a_code_too(as_, people):
    address = f"/deputies/{people.deputy.deputy.pk}/codes/"
    as_(people.station).post(address, {"idem": "1"})
    token = QrToken.objects.get()
    assert (token.deputy, token.station, token.area_path) == (people.deputy.deputy, None, people.town.path)
    assert token.spaced in text(as_(people.office).get(address))


def test_a_printed_code_opens_the_page_and_is_counted_without_anybody_in_it(client, people, code):
    for _ in range(3):
        assert client.get(f"/q/{code.token}/")["Location"] == "/stations/PC01/"
    client.head(f"/q/{code.token}/")
    client.get(f"/q/{code.token}/", headers={"Sec-Purpose": "prefetch"})
    client.get(f"/q/{code.spaced.lower()}/")  # typed as it is printed

    row = QrScans.objects.get()
    assert (row.token, row.day, row.count) == (code, timezone.localdate(), 4)
    assert {field.name for field in QrScans._meta.get_fields()} == {"id", "token", "day", "count"}
    assert not client.cookies
    assert QrToken.objects.with_scans().get().scanned_lately == 4


def test_a_move_and_a_new_name_leave_the_code_as_it_is(client, people, code):
    people.own.amend(by=people.office, code="PC99", name="新南关联络站", address="东街9号")
    assert client.get(f"/q/{code.token}/")["Location"] == "/stations/PC99/"


@pytest.mark.once
def test_who_has_signed_in_comes_to_the_public_view(as_, people, code):
    goto = as_(people.unit).get(f"/q/{code.token}/")["Location"]
    assert as_(people.unit).get(goto).status_code == 200


@pytest.mark.once
def test_a_revoked_code_says_what_to_do_and_does_not_count(as_, client, people, code):
    address = f"/deputies/codes/{code.pk}/steps/revoke/"
    assert as_(people.station).post(address, {"note": ""}).status_code == 422
    as_(people.station).post(address, {"note": "被人覆盖"})
    page = client.get(f"/q/{code.token}/")

    assert page.status_code == 410
    assert "已停用" in text(page)
    assert "/stations/PC01/" in page.content.decode()
    assert "被人覆盖" not in text(page)  # the reason is for those who keep it
    assert not QrScans.objects.exists()
    assert "被人覆盖" in text(as_(people.station).get("/deputies/codes/PC01/"))
    assert QrToken.objects.issue(people.own, by=people.station) != code  # a new one may be issued


@pytest.mark.once
def test_a_redirected_code_goes_on_and_can_be_restored(as_, client, people, code):
    address = f"/deputies/codes/{code.pk}/steps/redirect/"
    office = as_(people.office)
    both = office.post(address, {"station": "PC02", "deputy": people.deputy.deputy.pk, "note": "两站合并"})
    assert both.status_code == 409
    assert "只选一个" in text(both)
    assert office.post(address, {"station": "PC01", "note": "x"}).status_code == 409
    office.post(address, {"station": "PC02", "note": "两站合并"})
    assert client.get(f"/q/{code.token}/")["Location"] == "/stations/PC02/"
    office.post(address, {"deputy": people.deputy.deputy.pk, "note": "改为代表"})
    assert client.get(f"/q/{code.token}/")["Location"] == people.deputy.deputy.get_absolute_url()

    office.post(f"/deputies/codes/{code.pk}/steps/restore/", {"note": ""})
    assert client.get(f"/q/{code.token}/")["Location"] == "/stations/PC01/"
    assert [entry.action.rpartition(".")[2] for entry in AuditEntry.objects.of(code)] == [
        "restore", "redirect", "redirect", "enter",
    ]  # fmt: skip


def test_a_code_is_not_sent_where_the_post_sees_nothing(as_, people, code):
    answer = as_(people.station).post(
        f"/deputies/codes/{code.pk}/steps/redirect/", {"station": "YZ01", "note": "别处"}
    )
    assert answer.status_code == 422
    assert "没有找到站点“YZ01”" in text(answer)


def test_of_two_codes_of_one_station_one_is_in_use(people, code):
    code.revoke(by=people.station, note="丢了")
    QrToken.objects.issue(people.own, by=people.station)
    with pytest.raises(NotAllowed, match="另有在用"):
        code.restore(by=people.station)


@pytest.mark.once
@pytest.mark.parametrize(
    "token", ["NOTHINGYET", "x", "%00", "7K4M2%20QXDA", "a" * 3000, "%E4%BA%BA", "..%2F..", "//evil"]
)
def test_an_unknown_code_is_told_in_words(client, db, token):
    page = client.get(f"/q/{token}/")
    assert page.status_code == 404
    if "/" not in token and "%2F" not in token:
        assert "没有这个码" in text(page)


def test_without_the_address_of_the_site_nothing_is_drawn_and_the_page_says_why(as_, people, code, settings):
    settings.PUBLIC_URL = ""
    page = as_(people.station).get("/deputies/codes/PC01/")
    assert "PUBLIC_URL" in text(page)
    assert "<svg viewBox" not in page.content.decode()
    with pytest.raises(NotAllowed, match="PUBLIC_URL"):
        codes.address(code)


def test_many_at_once_get_one_each(people, code):
    stations = [people.own, people.child, people.sibling]
    assert codes.issue_missing(stations, by=people.office) == 2
    assert codes.issue_missing(stations, by=people.office) == 0
    assert QrToken.objects.count() == 3


def test_of_two_who_issue_at_once_one_does(several_threads):
    from tests.conftest import build_people

    people = build_people()
    done = several_threads(*[lambda: QrToken.objects.issue(people.own, by=people.station)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["NotAllowed", "QrToken"]
    token = next(one for one in done if isinstance(one, QrToken))
    token.revoke(by=people.station, note="丢了")
    restored, issued = several_threads(
        lambda: QrToken.objects.get().restore(by=people.station),
        lambda: QrToken.objects.issue(people.own, by=people.station),
    )
    assert [restored, issued].count(None) + isinstance(issued, QrToken) == 1
    assert QrToken.objects.leading_home().count() == 1
    several_threads(*[lambda: token.count_scan(f.LONG_AGO)] * 3)
    assert QrScans.objects.get().count == 3


def test_the_door_leads_nowhere_else_whatever_is_added(client, people, code):
    for more in ("?next=https://evil.example", "?to=//evil.example", "?url=/admin/"):
        assert client.get(f"/q/{code.token}/{more}")["Location"] == "/stations/PC01/"


@pytest.mark.once
def test_a_program_reads_codes_and_takes_the_same_steps(as_, people, code):
    office = as_(people.office)
    [found] = office.get("/api/v1/codes/?station=PC01").json()["results"]
    assert (found["token"], found["url"], found["state"]) == (code.token, f"/q/{code.token}/", "ACTIVE")
    assert set(found["steps"]) == {"redirect", "revoke"}
    assert as_(people.deputy).get("/api/v1/codes/").json()["results"] == []
    step = f"/api/v1/codes/{code.pk}/steps/redirect/"
    sent = office.post(step, {"station": "PC02", "note": "合并"}, content_type="application/json")
    assert (sent.status_code, sent.json()["to_station"]) == (200, "PC02")
    again = office.post(step, {"station": "PC01", "note": "x"}, content_type="application/json")
    assert again.status_code == 409
