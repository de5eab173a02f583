"""待派单: what is suggested and why, one request and many given to departments, the other steps before departments act."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.models import PolicyVersion
from suggestions.models import Order, Request
from suggestions.steps import REQUEST_FORMS
from suggestions.workflow import REQUEST_FLOW
from tests import factories as f

TODAY = timezone.localdate()
COLD = "顶层暖气片冰凉，室温只有十四度。"


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


@pytest.fixture
def water(people):
    return f.DepartmentFactory(area=people.county, name="平城区水务局")


@pytest.fixture
def heating(people):
    return people.category


def asked(people, **more):
    return f.RequestFactory(station=people.own, **more)


def sent_before(people, department, count, **more):
    days = more.pop("days_ago", 20)
    for _ in range(count):
        asked(people, state="CLOSED", department=department, received_on=TODAY - timedelta(days=days), **more)


def row_of(page, number):
    """The table row of a request, as text."""
    html = page.content.decode()
    return next(row for row in html.split("<tr>") if f'value="{number}"' in row)


def chosen(row):
    return row.split("selected>")[1].split("<")[0] if "selected>" in row else ""


# --- The list -----------------------------------------------------------------------------------------------------------


def test_the_department_is_suggested_with_the_reason_from_the_same_category(
    people, as_, housing, water, heating
):
    sent_before(people, housing, 5, category=heating, text="取暖费太贵。", title="取暖费太贵")
    sent_before(people, water, 1, category=heating, text="管道跑水。", title="管道跑水")
    found = asked(people, category=heating, text=COLD, title="暖气片冰凉")

    row = row_of(as_(people.office).get("/dispatch/"), found.number)

    assert chosen(row) == "平城区住建局"
    assert "近一年同类 6 件中 5 件派给平城区住建局" in row


def test_what_was_said_in_like_words_counts_before_the_category(people, as_, housing, water, heating):
    sent_before(people, housing, 6, category=heating, text="取暖费太贵。", title="取暖费太贵")
    sent_before(people, water, 3, category=heating, text="自来水发黄有铁锈味。", title="自来水发黄")
    found = asked(people, category=heating, text="家里自来水发黄，不敢喝。", title="自来水发黄")

    row = row_of(as_(people.office).get("/dispatch/"), found.number)

    assert chosen(row) == "平城区水务局"
    assert "说法相近的 3 件中 3 件派给平城区水务局，都说到“自来水发黄”" in row


def test_before_there_are_orders_to_learn_from_the_duties_of_departments_speak(
    people, as_, housing, water, heating
):
    """The category itself before the upper one, and nobody where two are there for the same."""
    burst = f.CategoryFactory(code="0102", name="管道漏水", parent=heating)
    housing.amend(by=people.admin, duties="供暖、物业")
    first = asked(people, category=burst, text=COLD, title="暖气片冰凉")
    page = as_(people.office).get("/dispatch/")
    assert chosen(row_of(page, first.number)) == "平城区住建局"
    assert f"平城区住建局负责“{heating}”类" in row_of(page, first.number)

    water.amend(by=people.admin, duties="管道漏水")
    assert chosen(row_of(as_(people.office).get("/dispatch/"), first.number)) == "平城区水务局"
    housing.amend(by=people.admin, duties="管道漏水")
    assert chosen(row_of(as_(people.office).get("/dispatch/"), first.number)) == ""

    water.duties = "供暖，没有这一类"
    with pytest.raises(ValidationError, match="没有“没有这一类”这个类别"):
        water.clean()


def test_nothing_is_suggested_without_grounds(people, as_, housing, heating):
    sent_before(people, housing, 4, category=heating, text="取暖费太贵。", title="取暖费太贵")
    sent_before(people, housing, 9, category=heating, days_ago=400, text="取暖费太贵。", title="取暖费太贵")
    found = asked(people, category=heating, text=COLD, title="暖气片冰凉")
    without = asked(people, category=None, text="想学电工。", title="想学电工")
    page = as_(people.office).get("/dispatch/")

    assert chosen(row_of(page, found.number)) == chosen(row_of(page, without.number)) == ""


def test_neither_an_abolished_department_nor_the_one_complained_about_is_offered(
    people, as_, housing, water, heating
):
    sent_before(people, housing, 6, category=heating)
    found = asked(people, category=heating, about=housing)
    water.active = False
    water.save()

    row = row_of(as_(people.office).get("/dispatch/"), found.number)

    assert chosen(row) == ""
    assert "平城区住建局</option>" not in row
    assert "水务局" not in row


def test_a_request_told_twice_in_one_township_is_shown_as_perhaps_the_same(people, as_, heating):
    first = asked(people, category=heating, text=COLD, title="暖气片冰凉", state="HANDLING")
    elsewhere = f.RequestFactory(
        station=people.sibling, category=heating, text=COLD, title="暖气片冰凉", state="HANDLING"
    )
    found = asked(people, category=heating, text=f"您好，{COLD}", title="暖气片冰凉")

    row = row_of(as_(people.office).get("/dispatch/"), found.number)

    assert f'可能与 <a href="{first.get_absolute_url()}"' in row
    assert "顶层暖气片冰凉" in row
    assert elsewhere.number not in row


@pytest.mark.once
def test_the_list_costs_the_same_however_many_rows_it_has(
    people, as_, housing, heating, django_assert_max_num_queries
):
    sent_before(people, housing, 6, category=heating)
    for _ in range(12):
        asked(people, category=heating, text=COLD)
    client = as_(people.office)
    with django_assert_max_num_queries(20):
        assert client.get("/dispatch/").content.count(b'name="row"') == 12


def test_what_was_dispatched_or_lies_elsewhere_is_not_in_the_list(people, as_):
    asked(people, state="DISPATCHED")
    f.RequestFactory(station=people.other)
    assert "没有待派单的诉求" in as_(people.office).get("/dispatch/").content.decode()


# --- Many at once -------------------------------------------------------------------------------------------------------


def confirming(client, *pairs, everything=False):
    query = {f"to-{found.number}": department.pk if department else "" for found, department in pairs}
    query["all" if everything else "row"] = 1 if everything else [found.number for found, _ in pairs]
    return client.get("/dispatch/confirm/", query)


def rows_in(page):
    return [part.split('"')[0] for part in page.content.decode().split('name="row" value="')[1:]]


def test_a_batch_is_summed_up_by_department_with_its_due_day_and_then_given_out(people, as_, housing, water):
    one, two, three = asked(people), asked(people), asked(people)
    client = as_(people.office)

    page = confirming(client, (one, housing), (two, housing), (three, water))
    text = page.content.decode()
    assert "派给 2 家单位，共 3 件" in text
    assert "平城区住建局：2 件" in text
    assert "15 个工作日，自" in text

    done = client.post("/dispatch/confirm/", {"row": rows_in(page), "note": "请尽快"}, follow=True)
    assert "已派 3 件。" in done.content.decode()
    assert set(Order.objects.values_list("request", "department", "task")) == {
        (one.pk, housing.pk, "请尽快"),
        (two.pk, housing.pk, "请尽快"),
        (three.pk, water.pk, "请尽快"),
    }


def test_the_due_day_of_a_later_round_is_confirmed_as_it_will_be(people, as_, housing):
    PolicyVersion.objects.create(area=people.county, first_on=f.LONG_AGO, values={"rehandle_days": 7})
    again = asked(people, state="TRIAGED", round=2)
    client = as_(people.office)
    page = confirming(client, (again, housing))
    client.post("/dispatch/confirm/", {"row": rows_in(page)})
    order = again.orders.get()
    assert order.days == 7
    assert order.due_because in page.content.decode()


@pytest.mark.once
def test_what_cannot_be_given_is_named_with_the_reason_and_the_others_go(people, as_, housing, water):
    good, blank, about, gone, raced = (
        asked(people),
        asked(people),
        asked(people, about=housing),
        asked(people, state="HANDLING"),
        asked(people),
    )
    client = as_(people.office)
    page = confirming(client, *((one, housing) for one in (good, about, gone, raced)), (blank, None))
    text = page.content.decode()
    assert "3 件派不成" in text
    assert "没有选单位" in text
    assert "不能派单" in text
    raced.dispatch(by=people.office, lead=water)

    said = client.post("/dispatch/confirm/", {"row": rows_in(page)}, follow=True).content.decode()

    assert "已派 1 件，1 件没派成，原因如下。" in said
    assert f"{raced.number}：“诉求单 {raced.number}”现在是“待接单”，不能派单。" in said
    assert Order.objects.count() == 2


def test_a_batch_sent_twice_is_given_out_once_and_answered_alike(people, as_, housing):
    found = asked(people)
    client = as_(people.office)
    form = {
        "row": rows_in(confirming(client, (found, housing))),
        "idem": "11111111-1111-4111-8111-111111111111",
    }
    first, second = client.post("/dispatch/confirm/", form), client.post("/dispatch/confirm/", form)
    assert first.status_code == second.status_code == 302
    assert Order.objects.count() == 1


def test_of_two_batches_at_once_each_request_is_given_out_by_one(people, as_, housing, several_threads):
    rows = [asked(people) for _ in range(4)]
    clients = as_(people.office), as_(people.office_city)
    forms = [{"row": [f"{one.number}:{housing.pk}:1" for one in some]} for some in (rows, rows[::-1])]

    def send(client, form):
        return lambda: client.post("/dispatch/confirm/", form).status_code

    assert several_threads(*map(send, clients, forms)) == [302, 302]
    assert sorted(Order.objects.values_list("request", flat=True)) == [one.pk for one in rows]


def test_everything_with_a_department_goes_by_one_button(people, as_, housing):
    one, two = asked(people), asked(people)
    page = confirming(as_(people.office), (one, housing), (two, None), everything=True)
    assert [row.split(":")[0] for row in rows_in(page)] == [one.number]


@pytest.mark.once
def test_nothing_chosen_or_made_up_numbers_are_answered_in_words(people, as_, housing):
    client = as_(people.office)
    page = client.get("/dispatch/confirm/", follow=True)
    assert "没有选诉求" in page.content.decode()
    for row in ("", "x:y:z", "2026-0001-0001:٣:1"):
        assert client.post("/dispatch/confirm/", {"row": row}).status_code == 422
    for number in ("\0", "x" * 5000, "2026\ud800".encode("utf-8", "replace").decode()):
        assert client.get("/dispatch/confirm/", {"row": number}).status_code == 302
        assert client.post("/dispatch/confirm/", {"row": f"{number}:1:1"}).status_code == 422
    foreign = f.RequestFactory(station=people.other)
    said = client.post("/dispatch/confirm/", {"row": f"{foreign.number}:{housing.pk}:1"}, follow=True)
    assert "已派 0 件" in said.content.decode()
    assert not Order.objects.exists()


# --- One by one ---------------------------------------------------------------------------------------------------------


def path(found, name):
    return f"{found.get_absolute_url()}steps/{name}/"


def test_one_request_goes_to_a_lead_with_helpers_and_days_of_its_own(people, as_, housing, water):
    found = asked(people)
    form = {
        "lead": housing.pk,
        "helpers": [water.pk],
        "days": 7,
        "follower": people.deputy.mandate.pk,
        "note": "老人在家",
    }
    as_(people.office).post(path(found, "dispatch"), form)

    found.refresh_from_db()
    assert (found.state, found.department, found.follower) == ("DISPATCHED", housing, people.deputy.mandate)
    shares = {(order.department, order.share, order.days) for order in found.orders.all()}
    assert shares == {(housing, "LEAD", 7), (water, "HELPER", 5)}


@pytest.mark.once
def test_a_wrong_choice_of_departments_is_refused_and_nothing_typed_is_lost(people, as_, housing, water):
    found = asked(people)
    page = as_(people.office).post(path(found, "dispatch"), {"apart": [housing.pk], "note": "老人在家"})
    assert page.status_code == 409
    text = page.content.decode()
    assert "分办的，请选两个以上单位" in text
    assert "老人在家" in text
    assert not found.orders.exists()


@pytest.mark.once
def test_the_page_of_one_dispatch_comes_with_the_suggestion_and_what_is_like_it(
    people, as_, housing, heating
):
    sent_before(people, housing, 5, category=heating, text=COLD, title="暖气片冰凉")
    found = asked(people, category=heating, text=COLD, title="暖气片冰凉")
    text = as_(people.office).get(path(found, "dispatch")).content.decode()
    assert f'<option value="{housing.pk}" selected>' in text
    assert "说法相近的 5 件中 5 件派给平城区住建局" in text


def test_triage_sets_the_category_and_whom_it_is_about(people, as_, housing):
    found, other = asked(people), f.CategoryFactory(code="02", name="物业")
    as_(people.office).post(path(found, "triage"), {"category": other.pk, "about": housing.pk})
    found.refresh_from_db()
    assert (found.state, found.category, found.about) == ("TRIAGED", other, housing)


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "form", "state", "field"),
    [
        ("answer", {"said": "当场说清了。", "solved": "YES"}, "ANSWERED_ON_SPOT", "said"),
        ("decline", {"refused": "COURT", "said": "请到区人民法院，电话 12368。"}, "NOT_ACCEPTED", "said"),
        ("withdraw", {"note": "自己解决了"}, "WITHDRAWN", "note"),
    ],
)
def test_the_desk_ends_a_request_in_words(people, as_, name, form, state, field):
    found = asked(people)
    client = as_(people.station)
    assert client.post(path(found, name), form | {field: ""}).status_code == 422
    assert client.post(path(found, name), form).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.closed_on) == (state, TODAY)


@pytest.mark.once
def test_only_steps_that_have_a_page_are_buttons_and_steps_of_the_interface(people, as_):
    for role in (Role.OFFICE, Role.STATION):
        post = getattr(people, role.lower())
        client = as_(post)
        for state in ("REGISTERED", "DISPATCHED", "FED_BACK"):
            found = asked(people, state=state)
            mine = {name for name in found.open_steps(post) if name in REQUEST_FORMS}
            page = client.get(found.get_absolute_url()).content.decode()
            assert {name for name in REQUEST_FLOW if f"/steps/{name}/" in page} == mine
            told = client.get(f"/api/v1/requests/{found.number}/").json()["steps"]
            assert set(told) == mine


def test_what_another_step_brings_about_has_no_address(people, as_):
    found = asked(people, state="DISPATCHED")
    client = as_(people.office)
    assert client.get(path(found, "begin")).status_code == 404
    assert client.post(f"/api/v1/requests/{found.number}/steps/begin/").status_code == 404


@pytest.mark.once
def test_by_program_a_request_is_dispatched_by_the_same_form(people, as_, housing):
    found = asked(people)
    client = as_(people.office)
    url = f"/api/v1/requests/{found.number}/steps/dispatch/"
    answer = client.post(url, {"lead": housing.pk, "version": 7}, content_type="application/json")
    assert answer.status_code == 409
    answer = client.post(url, {"lead": housing.pk, "days": 5}, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "DISPATCHED")
    assert Request.objects.get(pk=found.pk).orders.get().days == 5
    again = client.post(url, {"lead": housing.pk}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "refused")
