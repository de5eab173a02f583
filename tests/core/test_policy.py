"""Rules that differ by place: inherited from above, changed from a day on, wrong ones refused in a sentence."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from liaison.core.models import AuditEntry, PolicyVersion
from liaison.core.policy import Policies, Policy, policy_for
from tests import factories as f

DAY = date(2026, 3, 1)


@pytest.fixture
def places(db):
    town = f.area("140213001", "南关街道")
    county, city, province = f.area("140213", "平城区"), f.area("1402", "大同市"), f.area("14", "山西省")
    return {
        "town": town,
        "county": county,
        "city": city,
        "province": province,
        "other": f.area("140215", "云州区"),
    }


def version(area, first_on="2020-01-01", **values):
    return PolicyVersion.objects.create(area=area, first_on=first_on, values=values)


def test_where_nobody_has_decided_the_defaults_hold(places):
    assert policy_for(places["town"], DAY) == Policy()


def test_a_county_inherits_from_its_prefecture_and_that_from_its_province(places):
    version(places["province"], notice_lead_days=10, plan_ahead_days=90, reminder_days=5)
    version(places["city"], notice_lead_days=7, plan_ahead_days=30)
    version(places["county"], notice_lead_days=5)

    policy = policy_for(places["town"], DAY)

    assert (policy.notice_lead_days, policy.plan_ahead_days, policy.reminder_days) == (5, 30, 5)
    assert policy.close_within_days == Policy().close_within_days
    assert policy.versions == ("山西省 2020-01-01 起", "大同市 2020-01-01 起", "平城区 2020-01-01 起")
    assert policy_for(places["other"], DAY).notice_lead_days == 7


def test_a_version_holds_from_its_first_day_on(places):
    version(places["county"], "2026-01-01", notice_lead_days=5)
    version(places["county"], "2026-03-01", notice_lead_days=6)

    read = [
        policy_for(places["county"], on).notice_lead_days
        for on in (date(2025, 12, 31), date(2026, 2, 28), DAY)
    ]

    assert read == [3, 5, 6]


def test_a_later_version_from_above_does_not_undo_what_the_county_decided(places):
    version(places["county"], "2021-01-01", notice_lead_days=5)
    version(places["province"], "2025-01-01", notice_lead_days=10)
    assert policy_for(places["county"], DAY).notice_lead_days == 5


def test_a_rule_of_a_former_version_of_the_product_is_passed_over(places):
    version(places["county"], no_longer_known=1, notice_lead_days=5)
    assert policy_for(places["county"], DAY).notice_lead_days == 5


@pytest.mark.once
@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"notice_lead": 3}, "没有“notice_lead”这条规则。"),
        ({"notice_lead_days": "3"}, "“公示提前天数”要填整数。"),
        ({"notice_lead_days": True}, "“公示提前天数”要填整数。"),
        ({"notice_lead_days": 3.5}, "“公示提前天数”要填整数。"),
        ({"notice_lead_days": -1}, "“公示提前天数”要在 0 到 60 之间。"),
        ({"plan_ahead_days": 10**9}, "“自动排期天数”要在 0 到 400 之间。"),
        ([3], "规则应是“名称：值”的对照。"),
        ({"class_a": ""}, "“A 类答复的叫法”要写 1 到 12 个字。"),
        ({"class_a": 3}, "“A 类答复的叫法”要写 1 到 12 个字。"),
        ({"versions": ["x"]}, "没有“versions”这条规则。"),
    ],
)
def test_wrong_rules_are_refused_in_a_sentence(places, values, why):
    with pytest.raises(ValidationError, match=why):
        PolicyVersion(area=places["county"], first_on=DAY, values=values).full_clean()


# --- The page of the administrator ---


def form(area, **filled):
    return {"area": area.pk, "first_on": "2026-03-01", "note": "同人常〔2026〕1号", **filled}


@pytest.mark.once
def test_the_form_has_a_labelled_field_for_each_rule(as_, people):
    page = as_(people.admin).get("/admin/core/policyversion/add/").content.decode()
    for rule in Policy.rules().values():
        assert rule.metadata["label"] in page
    assert "JSON" not in page
    assert "textarea" not in page


@pytest.mark.once
def test_a_version_is_filled_in_changed_and_recorded(as_, people):
    admin = as_(people.admin)
    admin.post(
        "/admin/core/policyversion/add/",
        form(people.county, notice_lead_days="5", class_d="", class_c="留作参考"),
    )
    made = PolicyVersion.objects.get()
    assert made.values == {"notice_lead_days": 5, "class_c": "留作参考"}

    address = f"/admin/core/policyversion/{made.pk}/change/"
    assert 'name="notice_lead_days" value="5"' in admin.get(address).content.decode()
    admin.post(address, form(people.county, notice_lead_days="", class_c="", reminder_days="4"))

    made.refresh_from_db()
    assert made.values == {"reminder_days": 4}
    assert "接待日提醒提前天数 4" in admin.get("/admin/core/policyversion/").content.decode()
    entered, corrected = AuditEntry.objects.of(made).order_by("pk")
    values = {"notice_lead_days": 5, "class_c": "留作参考"}
    assert entered.data["values"] == [{}, values]
    assert corrected.data["values"] == [values, {"reminder_days": 4}]


@pytest.mark.once
@pytest.mark.parametrize("wrong", ["x", "-1", "61"])
def test_a_wrong_value_is_shown_at_its_field_and_nothing_is_saved(as_, people, wrong):
    answer = as_(people.admin).post(
        "/admin/core/policyversion/add/", form(people.county, notice_lead_days=wrong)
    )
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not PolicyVersion.objects.exists()


@pytest.mark.once
def test_an_administrator_makes_rules_for_the_own_area_only(as_, people):
    above = PolicyVersion.objects.create(area=people.city, first_on=DAY, values={})
    admin = as_(people.admin)

    admin.post("/admin/core/policyversion/add/", form(people.other_county, notice_lead_days="5"))

    assert not PolicyVersion.objects.exclude(pk=above.pk).exists()
    assert admin.get(f"/admin/core/policyversion/{above.pk}/change/").status_code == 302


@pytest.mark.once
@pytest.mark.parametrize("role", ["office", "station", "deputy", "unit", "auditor"])
def test_only_administrators_come_in(as_, people, role):
    assert as_(getattr(people, role)).get("/admin/core/policyversion/").status_code in (302, 403)


def test_the_calendar_is_corrected_by_the_administrator_and_keeps_its_day(as_, people):
    from liaison.core.models import CalendarDay

    admin = as_(people.admin)
    admin.post("/admin/core/calendarday/add/", {"day": "2026-05-06", "kind": "HOLIDAY", "name": "劳动节"})
    row = CalendarDay.objects.get()
    assert row.by_hand
    admin.post(
        f"/admin/core/calendarday/{row.pk}/change/", {"day": "2030-01-01", "kind": "PLAIN", "name": "更正"}
    )
    row.refresh_from_db()
    assert (row.day, row.kind) == (date(2026, 5, 6), "PLAIN")
    assert AuditEntry.objects.of(row).count() == 2


@pytest.mark.once
@pytest.mark.parametrize(
    "page",
    ["", "core/", "core/calendarday/", "core/calendaryear/", "core/policyversion/", "core/outboxmessage/"],
)
def test_the_admin_s_pages_open(as_, people, page):
    assert as_(people.admin).get(f"/admin/{page}").status_code == 200


def test_many_places_and_days_asked_together_have_the_same_rules_as_each_asked_alone(
    places, django_assert_num_queries
):
    version(places["city"], "2026-01-01", notice_lead_days=7, plan_ahead_days=30)
    version(places["county"], "2026-03-01", notice_lead_days=5)
    asked = [(place, on) for place in places.values() for on in (date(2025, 12, 31), date(2026, 2, 28), DAY)]
    alone = [policy_for(place, on) for place, on in asked]
    with django_assert_num_queries(1):
        policies = Policies()
        assert [policies.of(place, on) for place, on in asked] == alone
