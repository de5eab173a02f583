"""Who sees which station, and how its file is kept up to date."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from liaison.accounts.models import Role
from liaison.core.models import AuditEntry
from stations.models import Station, StationRule, StationStaff
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def url(name, *args):
    return reverse(f"stations:{name}", args=args)


# fmt: off
SEEN = {
    # who              own    child  sibling other
    "office":         (True,  True,  True,  False),
    "office_city":    (True,  True,  True,  True),
    "office_other":   (False, False, False, True),
    "station":        (True,  True,  False, False),
    "station_child":  (False, True,  False, False),
    "station_sibling": (False, False, True, False),
    "deputy":         (True,  False, False, False),
    "deputy_other":   (False, False, False, True),
    "auditor":        (True,  True,  True,  False),
    "auditor_other":  (False, False, False, True),
    "admin":          (True,  True,  True,  False),
}
# fmt: on


@pytest.mark.parametrize("who", SEEN)
def test_who_sees_which_station(as_, people, who):
    client = as_(getattr(people, who))
    rows = client.get(url("list")).content.decode()
    for name, seen in zip(("own", "child", "sibling", "other"), SEEN[who], strict=True):
        station = getattr(people, name)
        assert client.get(url("detail", station.code)).status_code == (200 if seen else 404), name
        assert (f'/stations/{station.code}/"' in rows) is seen, name


def test_a_department_has_no_business_here(as_, people):
    client = as_(people.unit)
    assert client.get(url("list")).status_code == 403
    assert client.get(url("detail", "PC01")).status_code == 403


KEEPERS = ("office", "office_city", "station", "admin")


@pytest.mark.parametrize("who", [*SEEN, "unit"])
def test_who_opens_the_pages_that_change_a_station(as_, people, who):
    post = getattr(people, who)
    client = as_(post)
    seen = who in SEEN and SEEN[who][0]
    for page in ("edit", "photos", "rules", "staff"):
        may = who in KEEPERS and not (page == "staff" and who == "station")
        knocks = post.role in (Role.OFFICE, Role.ADMIN) or (post.role == Role.STATION and page != "staff")
        expected = 200 if may else 404 if knocks and not seen else 403
        assert client.get(url(page, "PC01")).status_code == expected, page


def test_the_file_of_a_station_is_in_one_place(as_, people):
    people.own.amend(
        by=people.office, hours="周一至周五 8:30—12:00", brand="邻里议事厅", suspended_on=date(2026, 1, 5)
    )
    StationRule(station=people.own, title="接待制度", text="热情接待", shown_on=date(2021, 3, 1)).enter(
        by=people.office
    )
    page = as_(people.office).get(url("detail", "PC01")).content.decode()
    for told in (
        "周一至周五",
        "邻里议事厅",
        "暂停开放",
        "王丽",
        "接待制度",
        "南关社区联络点",
        "/deputies/?station=PC01",
        "station=PC01",
    ):
        assert told in page


def test_a_closed_station_says_so_and_where_to_go(as_, people):
    people.child.amend(by=people.office, closed_on=date(2024, 5, 1))
    page = as_(people.office).get(url("detail", "PC0101")).content.decode()
    assert "已停用" in page
    assert "有事请到" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=北关", {"PC02"}),
        ("text=pc01", {"PC01", "PC0101"}),
        ("text=西街", {"PC01", "PC0101", "PC02"}),
        ("kind=POINT", {"PC0101"}),
        ("area=140213002000", {"PC02"}),
        ("area=140213002", {"PC02"}),
        ("area=北关街道", {"PC02"}),
        ("area=140215", set()),  # not one's own area: holds nothing
        ("open_on=1900-01-01", set()),
        ("open_on=2100-12-31", {"PC01", "PC0101", "PC02"}),
        ("open_on=2023-02-30", set()),
        ("text=%00", {"PC01", "PC0101", "PC02"}),
        ("cursor=broken", {"PC01", "PC0101", "PC02"}),
    ],
)
def test_the_list_can_be_narrowed(as_, people, query, found):
    page = as_(people.office).get(f"{url('list')}?{query}")
    assert {row.code for row in page.context["page"]} == found


def test_few_areas_are_a_select_and_many_are_typed(as_, people):
    assert "<select" in str(as_(people.office).get(url("list")).context["form"]["area"])
    for number in range(100, 165):
        f.area(f"140213{number}", f"第{number}街道")
    client = as_(people.office)
    field = str(client.get(url("list")).context["form"]["area"])
    assert "<datalist" in field
    words = client.get(url("options"), {"field": "area", "area": "第16"}).content.decode()
    assert "平城区第160街道（140213160000）" in words
    found = client.get(url("list"), {"area": "平城区南关街道（140213001000）"})
    assert {row.code for row in found.context["page"]} == {"PC01", "PC0101"}


def test_a_long_list_costs_as_many_questions_as_a_short_one(as_, people, django_assert_max_num_queries):
    f.StationFactory.create_batch(20, area=people.town)
    client = as_(people.office)
    client.get(url("list"))
    with django_assert_max_num_queries(9):
        client.get(url("list"))
    with django_assert_max_num_queries(6):
        assert "<h1" not in client.get(url("list"), headers={"HX-Request": "true"}).content.decode()


NEW = {
    "code": "pc09",
    "kind": "STATION",
    "name": "振华街联络站",
    "area": "140213001000",
    "opened_on": "2024-03-01",
}


@pytest.mark.parametrize("who", ["office", "admin"])
def test_the_office_registers_a_station(as_, people, who):
    answer = as_(getattr(people, who)).post(url("new"), NEW | {"idem": "a"})
    assert answer["Location"] == url("detail", "PC09")
    station = Station.objects.get(code="PC09")
    assert station.area == people.town
    assert AuditEntry.objects.of(station).get().post == getattr(people, who)


@pytest.mark.parametrize("who", ["station", "deputy", "auditor", "unit"])
def test_others_register_none(as_, people, who):
    assert as_(getattr(people, who)).post(url("new"), NEW).status_code == 403
    assert not Station.objects.filter(code="PC09").exists()


def test_the_same_form_sent_twice_makes_one_station(as_, people):
    client = as_(people.office)
    first, second = (client.post(url("new"), NEW | {"idem": "same"}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Station.objects.filter(code="PC09").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("code", "PC01", "已存在"),
        ("code", "new", "编号由字母、数字"),
        ("code", "甲1", "编号由字母、数字"),
        ("area", "140215100000", "没有找到区划"),
        ("name", "南关街道联络站", "已经有同名的站点"),
        ("name", "长" * 61, "最多 60 个字"),
        ("parent", "YZ01", "没有找到站点"),
        ("longitude", "39.9", "要一起填"),
        ("opened_on", "1900-02-30", "日期"),
        ("phone", "139", "少了"),
    ],
)
def test_a_wrong_entry_is_told_in_words_and_keeps_what_was_typed(as_, people, field, value, sentence):
    page = as_(people.office).post(url("new"), NEW | {field: value})
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert 'value="2024-03-01"' in page.content.decode() or field == "opened_on"


@pytest.mark.parametrize("day", ["1900-01-01", "2100-12-31"])
def test_days_of_other_centuries_are_days(as_, people, day):
    client = as_(people.office)
    assert client.post(url("new"), NEW | {"opened_on": day}).status_code == 302
    assert client.get(url("detail", "PC09")).status_code == 200
    assert client.get(url("list")).status_code == 200


def whole(station, **changed):
    return {
        "code": station.code, "kind": station.kind, "name": station.name, "area": station.area.code,
        "opened_on": "2020-01-01", "version": station.version,
    } | changed  # fmt: skip


def test_a_correction_is_saved_and_recorded(as_, people):
    client = as_(people.office)
    assert client.get(url("edit", "PC01")).status_code == 200
    assert client.post(url("edit", "PC01"), whole(people.own, closed_on="2026-05-01")).status_code == 302
    people.own.refresh_from_db()
    assert people.own.closed_on == date(2026, 5, 1)
    assert "停用日期" in client.get(url("detail", "PC01")).content.decode()


def test_a_station_is_not_above_itself(as_, people):
    page = as_(people.office).post(url("edit", "PC01"), whole(people.own, parent="PC0101"))
    assert page.status_code == 422
    assert "不能作上级" in page.content.decode()


def test_it_does_not_close_before_it_opens(as_, people):
    page = as_(people.office).post(url("edit", "PC01"), whole(people.own, closed_on="2019-12-31"))
    assert page.status_code == 422
    assert "停用日期不能早于启用日期" in page.content.decode()


def test_a_stale_page_is_refused_and_may_be_sent_again_knowingly(as_, people):
    client = as_(people.office)
    sent = whole(people.own, brand="邻里议事厅")
    people.own.amend(by=people.admin, phone="03521234567")
    page = client.post(url("edit", "PC01"), sent)
    assert page.status_code == 409
    assert "县管理员" in page.content.decode()
    assert "邻里议事厅" in page.content.decode()
    people.own.refresh_from_db()
    assert people.own.brand == ""
    again = sent | {"version": page.context["form"]["version"].value()}
    assert client.post(url("edit", "PC01"), again).status_code == 302


def test_the_staff_keep_hours_and_phone_of_their_own_station_and_nothing_else(as_, people):
    client = as_(people.station)
    sent = {
        "hours": "每天 9:00—17:00",
        "phone": "0352-1234567",
        "brand": "",
        "facilities": "",
        "version": people.own.version,
    }
    assert (
        client.post(url("edit", "PC01"), sent | {"name": "改名", "area": "140215100000"}).status_code == 302
    )
    people.own.refresh_from_db()
    assert (people.own.hours, people.own.phone, people.own.name) == (
        "每天 9:00—17:00",
        "03521234567",
        "南关街道联络站",
    )
    assert client.post(url("edit", "PC02"), sent).status_code == 404


# --- Staff ---


def test_the_office_ties_a_post_to_a_station_and_ends_it(as_, people):
    post = f.PostFactory(role=Role.STATION, area=people.town, user__name="吴新")
    client = as_(people.office)
    sent = {"post": post.pk, "position": "HEAD", "from_on": "2024-01-01", "idem": "s"}
    assert "吴新" in client.get(url("staff", "PC02")).content.decode()
    client.post(url("staff", "PC02"), sent)
    client.post(url("staff", "PC02"), sent)
    row = StationStaff.objects.get(post=post)
    assert as_(post).get(url("detail", "PC02")).status_code == 200

    ends = url("end_staff", "PC02", row.pk)
    assert client.get(ends).status_code == 200
    early = client.post(ends, {"on": "2023-12-31", "version": row.version})
    assert early.status_code == 409
    assert "不能早于" in early.content.decode()
    client.post(ends, {"on": "2024-06-30", "version": row.version})
    row.refresh_from_db()
    assert row.to_on == date(2024, 6, 30)
    assert as_(post).get(url("detail", "PC02")).status_code == 404


def test_a_post_is_tied_once_at_a_time_and_only_where_it_is_held(as_, people):
    client = as_(people.office)
    sent = {"post": people.station.pk, "position": "HEAD", "from_on": "2024-01-01"}
    assert "不用再加" in client.post(url("staff", "PC01"), sent).content.decode()
    assert "不在岗" in client.post(url("staff", "PC02"), sent | {"from_on": "1900-01-01"}).content.decode()
    page = client.post(url("staff", "PC02"), sent | {"post": people.station_other.pk})
    assert page.status_code == 422
    assert StationStaff.objects.filter(station=people.sibling).count() == 1


def test_an_earlier_time_at_the_station_may_be_entered_afterwards(people):
    StationStaff.objects.filter(post=people.station).update(from_on=date(2024, 6, 1))
    past = StationStaff(post=people.station, station=people.own, position="HEAD", from_on=date(2024, 1, 1))
    past.to_on = date(2024, 5, 31)
    past.full_clean()
    for past.to_on in (date(2024, 6, 1), None):
        with pytest.raises(ValidationError, match="不用再加"):
            past.full_clean()


# --- Rules on the wall ---


def test_a_rule_is_put_up_once_and_corrected(as_, people):
    client = as_(people.station)
    sent = {"title": "接待制度", "text": "热情接待。", "shown_on": "2021-03-01", "idem": "r"}
    client.post(url("rules", "PC01"), sent)
    client.post(url("rules", "PC01"), sent)
    rule = StationRule.objects.get()
    assert client.get(url("edit_rule", "PC01", rule.pk)).status_code == 200
    client.post(url("edit_rule", "PC01", rule.pk), sent | {"text": "认真记录。", "version": rule.version})
    rule.refresh_from_db()
    assert rule.text == "认真记录。"
    stale = client.post(url("edit_rule", "PC01", rule.pk), sent | {"version": 1})
    assert stale.status_code == 409
    assert client.get(url("edit_rule", "PC02", rule.pk)).status_code == 404


def test_a_rule_of_100_kb_is_refused_in_words(as_, people):
    sent = {"title": "接待制度", "text": "长" * 35_000, "shown_on": "2021-03-01"}
    page = as_(people.office).post(url("rules", "PC01"), sent)
    assert page.status_code == 422
    assert "最多 5000 个字" in page.content.decode()
