"""Entering deputies, ending mandates, assigning to stations, groups."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deputies.models import (
    Congress,
    Deputy,
    DeputyGroup,
    GroupMembership,
    Level,
    Mandate,
    StationAssignment,
)
from liaison.accounts.areas import load_nation
from liaison.accounts.models import Area, Post, Role
from liaison.core.models import AuditEntry
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def url(name, *args):
    return reverse(f"deputies:{name}", args=args)


@pytest.fixture
def term(people):
    congress = f.CongressFactory(name="平城区人民代表大会", area=people.county)
    return f.TermFactory(congress=congress, number=18, from_on=date(2021, 9, 1))


def person(seat, **changed):
    return {
        "name": "赵新", "sex": "F", "ethnicity": "汉族", "term": seat.pk, "area": "140213001000", "constituency": "第三选区",
        "from_on": "2021-09-10", "idem": "d",
    } | changed  # fmt: skip


@pytest.mark.parametrize("who", ["office", "admin"])
def test_a_deputy_is_entered_with_the_first_mandate(as_, people, term, who):
    client = as_(getattr(people, who))
    assert client.get(url("new")).status_code == 200
    answer = client.post(url("new"), person(term))
    deputy = Deputy.objects.get(name="赵新")
    assert answer["Location"] == url("detail", deputy.pk)
    assert deputy.mandates.get().area == people.town
    assert "第三选区" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("who", ["station", "deputy", "auditor", "unit"])
def test_others_enter_nobody(as_, people, term, who):
    assert as_(getattr(people, who)).post(url("new"), person(term)).status_code == 403
    assert not Deputy.objects.filter(name="赵新").exists()


def test_the_same_form_sent_twice_makes_one_deputy(as_, people, term):
    client = as_(people.office)
    assert [client.post(url("new"), person(term)).status_code for _ in range(2)] == [302, 302]
    assert Deputy.objects.filter(name="赵新").count() == Mandate.objects.filter(term=term).count() == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王𬭎", "王𬭎"),
        ("阿依努尔•艾合买提", "阿依努尔·艾合买提"),
        ("帕提曼·艾合买提江·阿不都拉", "帕提曼·艾合买提江·阿不都拉"),
        (" 张　三 ", "张三"),
        ("王", None),
        ("长" * 16, None),
        ("·王二", None),
        ("王<b>", None),
        ("长" * 30_000, None),
    ],
    ids=lambda value: str(value)[:8],
)
def test_names_of_2_to_15_characters(as_, people, term, typed, kept):
    page = as_(people.office).post(url("new"), person(term, name=typed))
    assert page.status_code == (302 if kept else 422)
    if kept:
        deputy = Deputy.objects.get(name=kept)
        assert as_(people.office).get(url("detail", deputy.pk)).status_code == 200
        assert deputy.pinyin


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("birth", "2100-01-01", "不能在今天以后"),
        ("from_on", "1900-01-01", "不能早于"),
        ("area", "140215100000", "没有找到区划"),
        ("term", "999999", "没有找到"),
        ("phone", "139000055211", "多了 1 位"),
        ("sex", "X", "不在可用的选项中"),
    ],
)
def test_a_wrong_entry_is_told_in_words(as_, people, term, field, value, sentence):
    page = as_(people.office).post(url("new"), person(term, **{field: value}))
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert 'value="赵新"' in page.content.decode()


def test_a_birth_in_1900_is_a_birth(as_, people, term):
    assert as_(people.office).post(url("new"), person(term, birth="1900-01-01")).status_code == 302


def test_a_mandate_of_2100_begins_in_2100(as_, people, term):
    client = as_(people.office)
    assert client.post(url("new"), person(term, from_on="2100-01-01")).status_code == 302
    assert "尚未任职" in client.get(Deputy.objects.get(name="赵新").get_absolute_url()).content.decode()


def test_a_second_person_of_the_same_name_is_asked_about(as_, people, term):
    client = as_(people.office)
    page = client.post(url("new"), person(term, name="张建国"))
    assert page.status_code == 422
    assert "已有同名的代表" in page.content.decode()
    assert client.post(url("new"), person(term, name="张建国", another="on", idem="e")).status_code == 302
    assert Deputy.objects.filter(name="张建国").count() == 2


def test_a_card_number_belongs_to_one(as_, people, term):
    people.deputy.deputy.amend(by=people.office, card_no="DB-1")
    page = as_(people.office).post(url("new"), person(term, card_no="DB-1"))
    assert page.status_code == 422


# --- Corrections ---


def correction(deputy, **changed):
    return {
        "name": deputy.name,
        "sex": deputy.sex,
        "ethnicity": "汉族",
        "phone": deputy.phone,
        "version": deputy.version,
    } | changed


def test_a_correction_is_recorded_without_private_data(as_, people):
    deputy = people.deputy.deputy
    client = as_(people.office)
    assert client.get(url("edit", deputy.pk)).status_code == 200
    client.post(url("edit", deputy.pk), correction(deputy, phone="13900009999", employer="区医院"))
    deputy.refresh_from_db()
    assert (deputy.phone, deputy.employer) == ("13900009999", "区医院")
    entry = AuditEntry.objects.of(deputy).first()
    assert "13900009999" not in str(entry.data)
    assert set(entry.data) == {"phone", "employer"}


def test_a_stale_page_is_refused_with_what_was_typed(as_, people):
    deputy = people.deputy.deputy
    sent = correction(deputy, employer="区医院")
    deputy.amend(by=people.admin, duty="院长")
    client = as_(people.office)
    page = client.post(url("edit", deputy.pk), sent)
    assert page.status_code == 409
    assert 'value="区医院"' in page.content.decode()
    assert (
        client.post(
            url("edit", deputy.pk), sent | {"version": page.context["form"]["version"].value()}
        ).status_code
        == 302
    )


def test_who_is_only_assigned_here_is_corrected_where_the_mandate_is_based(as_, people):
    guest = people.deputy_other
    f.AssignmentFactory(mandate=guest.mandate, station=people.own)
    client = as_(people.office)
    assert client.get(url("detail", guest.deputy.pk)).status_code == 200
    for page in (
        url("edit", guest.deputy.pk),
        url("end_mandate", guest.mandate.pk),
        url("assign", guest.mandate.pk),
    ):
        assert client.get(page).status_code == 403


@pytest.mark.parametrize("page", ["edit", "new_mandate", "end_mandate", "assign"])
def test_who_opens_the_pages_that_change_a_deputy(as_, people, page):
    deputy, mandate = people.deputy.deputy, people.deputy.mandate
    address = url(page, mandate.pk if page in ("end_mandate", "assign") else deputy.pk)
    # fmt: off
    expected = {
        "office": 200, "office_city": 200, "office_other": 404, "admin": 403 if page == "assign" else 200, "station": 403,
        "deputy": 403, "deputy_colleague": 403, "deputy_other": 403, "unit": 403, "auditor": 403,
    }
    # fmt: on
    assert {who: as_(getattr(people, who)).get(address).status_code for who in expected} == expected


def test_an_administrator_ties_an_account_to_a_deputy(as_, people):
    deputy = f.MandateFactory(area=people.town).deputy
    post = f.PostFactory(role=Role.DEPUTY, area=people.town, user__name="赵账号")
    assert as_(post).get(url("detail", deputy.pk)).status_code == 404
    client = as_(people.admin)
    assert "赵账号" in client.get(url("edit", deputy.pk)).content.decode()
    client.post(url("edit", deputy.pk), correction(deputy, user=post.user.pk))
    assert as_(post).get(url("detail", deputy.pk)).status_code == 200
    taken = f.MandateFactory(area=people.town).deputy
    assert client.post(url("edit", taken.pk), correction(taken, user=post.user.pk)).status_code == 422
    foreign = people.deputy_other.user
    assert client.post(url("edit", taken.pk), correction(taken, user=foreign.pk)).status_code == 422


# --- Mandates ---


def test_a_second_mandate_but_not_twice_in_one_term(as_, people, term):
    deputy = people.deputy.deputy
    client = as_(people.office)
    seat = {"term": term.pk, "area": "140213001000", "from_on": "2021-09-10"}
    assert client.post(url("new_mandate", deputy.pk), seat).status_code == 302
    page = client.post(url("new_mandate", deputy.pk), seat)
    assert page.status_code == 422
    assert "已有职务" in page.content.decode()


def ending(mandate, **changed):
    return {"deed": "end", "on": "2024-05-31", "reason": "MOVED", "version": mandate.version} | changed


def test_a_mandate_ends_with_its_assignments_and_takes_no_more(as_, people):
    mandate, client = people.deputy.mandate, as_(people.office)
    assert client.post(url("end_mandate", mandate.pk), ending(mandate)).status_code == 302
    mandate.refresh_from_db()
    assert (mandate.to_on, mandate.assignments.get().to_on) == (date(2024, 5, 31), date(2024, 5, 31))
    page = client.get(url("detail", people.deputy.deputy.pk)).content.decode()
    assert "已离任（调离或迁出）" in page
    assert url("assign", mandate.pk) not in page

    refused = client.post(url("assign", mandate.pk), {"station": "PC02", "from_on": "2024-06-01"})
    assert refused.status_code == 422
    assert "已于2024年5月31日结束" in refused.content.decode()
    again = client.post(url("end_mandate", mandate.pk), ending(mandate, version=mandate.version))
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"reason": ""}, 422, "请选择离任原因"),
        ({"on": "1900-01-01"}, 409, "不能早于任职日期"),
        ({"version": 99}, 409, "改过这条记录"),
        ({"deed": "resume"}, 422, "选项"),
    ],
)
def test_a_wrong_ending_is_refused_and_changes_nothing(as_, people, changed, status, sentence):
    mandate = people.deputy.mandate
    mandate.amend(by=people.office, constituency="第一选区")
    page = as_(people.office).post(url("end_mandate", mandate.pk), ending(mandate, **changed))
    assert page.status_code == status
    assert sentence in page.content.decode()
    mandate.refresh_from_db()
    assert mandate.to_on is None


def test_duties_rest_and_are_taken_up_again(as_, people):
    mandate, client = people.deputy.mandate, as_(people.office)
    client.post(url("end_mandate", mandate.pk), ending(mandate, deed="suspend", note="公告〔2024〕3号"))
    mandate.refresh_from_db()
    assert mandate.suspended_on == date(2024, 5, 31)
    refused = client.post(url("assign", mandate.pk), {"station": "PC02", "from_on": "2024-06-01"})
    assert "暂停执行代表职务" in refused.content.decode()
    client.post(url("end_mandate", mandate.pk), ending(mandate, deed="resume", on="2024-12-01"))
    mandate.refresh_from_db()
    assert (mandate.suspended_on, mandate.resumed_on) == (None, date(2024, 12, 1))
    assert "公告〔2024〕3号" in client.get(url("detail", people.deputy.deputy.pk)).content.decode()


# --- Assignments ---


def test_a_deputy_moves_from_one_station_to_another(as_, people):
    mandate, client = people.deputy.mandate, as_(people.office)
    sent = {"station": "PC02", "from_on": "2024-03-01", "resident": "on", "instead": "on", "idem": "m"}
    assert [client.post(url("assign", mandate.pk), sent).status_code for _ in range(2)] == [302, 302]
    old, new = mandate.assignments.order_by("from_on")
    assert (old.to_on, new.station, new.resident) == (date(2024, 2, 29), people.sibling, True)
    page = client.get(url("detail", people.deputy.deputy.pk)).content.decode()
    assert "北关街道联络站" in page
    assert "南关街道联络站" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"station": "PC01"}, "不用再编入"),
        ({"station": "YZ01"}, "没有找到站点"),
        ({"from_on": "1900-01-01"}, "还没有任职"),
        ({"station": ""}, "选择"),
        ({"from_on": ""}, "选择"),
    ],
)
def test_a_wrong_assignment_is_told_in_words(as_, people, changed, sentence):
    mandate = people.deputy.mandate
    page = as_(people.office).post(
        url("assign", mandate.pk), {"station": "PC02", "from_on": "2024-03-01"} | changed
    )
    assert page.status_code == 422
    assert (
        sentence in page.content.decode()
        or not changed.get("station", "x")
        or not changed.get("from_on", "x")
    )
    assert mandate.assignments.count() == 1


def test_an_assignment_ends_on_a_day_and_not_before_it_began(as_, people):
    row, client = StationAssignment.objects.get(mandate=people.deputy.mandate), as_(people.office)
    page = url("end_assignment", row.pk)
    assert client.get(page).status_code == 200
    assert client.post(page, {"on": "1900-01-01", "version": row.version}).status_code == 409
    assert client.post(page, {"on": "2024-03-31", "version": row.version}).status_code == 302
    row.refresh_from_db()
    assert row.to_on == date(2024, 3, 31)
    assert client.post(page, {"on": "2024-04-30", "version": row.version - 1}).status_code == 409
    assert as_(people.office_other).get(page).status_code == 404
    assert as_(people.station).get(page).status_code == 403


# --- Groups ---


def test_a_group_is_founded_filled_led_and_left(as_, people):
    client = as_(people.office)
    sent = {
        "kind": "PROFESSIONAL",
        "name": "法治小组",
        "area": "140213000000",
        "from_on": "2022-01-01",
        "idem": "g",
    }
    for _ in range(2):
        client.post(url("new_group"), sent)
    group = DeputyGroup.objects.get(name="法治小组")
    member = {"deputy": people.deputy.deputy.pk, "from_on": "2022-02-01", "idem": "x"}
    for _ in range(2):
        assert client.post(url("group", group.pk), member).status_code == 302
    row = GroupMembership.objects.get()
    assert "不用再加" in client.post(url("group", group.pk), member | {"idem": "y"}).content.decode()
    early = client.post(
        url("group", group.pk),
        member | {"deputy": people.deputy_colleague.deputy.pk, "from_on": "1900-01-01", "idem": "z"},
    )
    assert "还没有成立" in early.content.decode()

    change = {"kind": "PROFESSIONAL", "name": "法治小组", "from_on": "2022-01-01", "version": group.version}
    stranger = client.post(
        url("edit_group", group.pk), change | {"leader": people.deputy_colleague.deputy.pk}
    )
    assert stranger.status_code == 422
    assert (
        client.post(url("edit_group", group.pk), change | {"leader": people.deputy.deputy.pk}).status_code
        == 302
    )
    assert "组长 张建国" in client.get(url("group", group.pk)).content.decode()
    assert "法治小组" in client.get(url("groups")).content.decode()

    page = url("end_membership", row.pk)
    assert client.get(page).status_code == 200
    client.post(page, {"on": "2024-01-31", "version": row.version})
    assert "以前的组员" in client.get(url("group", group.pk)).content.decode()


def test_a_group_is_kept_in_its_area_and_seen_below(as_, people):
    group = f.GroupFactory(area=people.county, name="县小组")
    # fmt: off
    seen = {
        "office": 200, "office_city": 200, "office_other": 404, "station": 200, "deputy": 200, "station_other": 404,
        "auditor": 200, "admin": 200, "unit": 403,
    }
    kept = {"office": 200, "office_city": 200, "office_other": 404, "station": 403, "deputy": 403, "auditor": 403, "admin": 200}
    # fmt: on
    assert {who: as_(getattr(people, who)).get(url("group", group.pk)).status_code for who in seen} == seen
    assert {
        who: as_(getattr(people, who)).get(url("edit_group", group.pk)).status_code for who in kept
    } == kept
    assert as_(people.station).post(url("group", group.pk), {}).status_code == 403


def test_many_groups_cost_as_many_questions_as_few(as_, people, django_assert_max_num_queries):
    f.GroupFactory.create_batch(20, area=people.county)
    client = as_(people.office)
    client.get(url("groups"))
    with django_assert_max_num_queries(7):
        client.get(url("groups"))


def test_many_deputies_are_typed_not_listed(as_, people):
    for _ in range(65):
        f.MandateFactory(area=people.town)
    group = f.GroupFactory(area=people.county)
    client = as_(people.office)
    page = client.get(url("group", group.pk)).content.decode()
    assert 'name="deputy"' in page
    assert "<datalist" in page
    words = client.get(url("options"), {"field": "deputy", "deputy": "zjg"}).content.decode()
    assert f"张建国（{people.deputy.deputy.pk}）" in words
    typed = {
        "deputy": f"张建国（{people.deputy.deputy.pk}）",
        "from_on": timezone.localdate() - timedelta(days=1),
    }
    assert client.post(url("group", group.pk), typed).status_code == 302
    several = client.post(url("group", group.pk), typed | {"deputy": "张"})
    assert "不止一个" in several.content.decode()


def test_the_national_congress_is_kept_by_provinces_and_the_nation(people):
    load_nation()
    national = f.CongressFactory(name="全国人民代表大会", level=Level.NATIONAL, area=None)
    county = f.CongressFactory(name="平城区人民代表大会", area=people.county)

    def kept(path):
        post = Post(role=Role.ADMIN, area=Area.objects.get(path=path))
        return set(Congress.objects.visible_to(post).filter(pk__in=[national.pk, county.pk]))

    assert kept("1402") == {county}
    assert kept("14") == kept("") == {national, county}
