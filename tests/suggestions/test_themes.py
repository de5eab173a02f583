"""共性问题: found by likeness, put together by a person, dispatched and answered at once; each request stays itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.models import AuditEntry
from liaison.core.policy import Policy
from liaison.core.workflow import NotAllowed
from suggestions.models import Order, Request, Theme
from suggestions.themes.models import THEME_FLOW, ThemeState, is_growing
from tests import factories as f

TODAY = timezone.localdate()
COLD = (
    "顶层暖气片冰凉，室温只有十四度。",
    "暖气片冰凉，孩子写作业冻手。",
    "家里暖气片冰凉，室温上不去。",
)
ANSWER = {"text": "管网已检修，室温达到十八度。", "answer_class": "A"}


@pytest.fixture
def housing(people):
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


@pytest.fixture
def water(people):
    return f.DepartmentFactory(area=people.county, name="平城区水务局")


def asked(people, text=COLD[0], *, days_ago=0, **more):
    more = {"station": people.own, "title": text[:5]} | more
    return f.RequestFactory(text=text, received_on=TODAY - timedelta(days=days_ago), **more)


def several(people, **more):
    return [asked(people, text, **more) for text in COLD]


@pytest.fixture
def theme(people):
    found = Theme(area=people.county, title="暖气不热").enter(by=people.office)
    found.add(by=people.office, requests=several(people))
    return found


def sent(found, name, client, form):
    return client.post(f"/themes/{found.pk}/steps/{name}/", form)


# --- Found, and put together by a person --------------------------------------------------------------------------------


def test_what_is_alike_is_shown_with_the_shared_phrases_and_how_it_grows(people, as_):
    several(people, category=people.category)
    asked(people, COLD[1], days_ago=40, category=people.category)
    asked(people, "人行道盲道被报刊亭占了，盲人没法走。", category=people.category)

    page = as_(people.office).get("/themes/found/").content.decode()

    assert "暖气片冰凉" in page
    assert "共 4 件，30 天内 3 件，上期 1 件" in page
    assert "在增加" in page
    assert "盲道" not in page
    assert not Theme.objects.exists()


def test_another_county_another_category_and_another_half_year_are_left_apart(people, as_):
    several(people, category=people.category)
    other = f.CategoryFactory(code="02", name="物业")
    apart = [
        asked(people, COLD[0], category=other),
        asked(people, COLD[0], category=people.category, days_ago=181),
        asked(people, COLD[0], category=people.category, state="WITHDRAWN"),
    ]
    for post in (people.office, people.office_city):
        page = as_(post).get("/themes/found/").content.decode()
        assert "共 3 件" in page
        assert not [one.number for one in apart if one.number in page]


def test_what_one_takes_down_by_the_lower_and_another_by_the_upper_category_is_compared(people, as_):
    lower = f.CategoryFactory(code="0101", name="室温不达标", parent=people.category)
    for text, category in zip(COLD, (people.category, lower, None), strict=True):
        asked(people, text, category=category)
    assert "共 3 件" in as_(people.office).get("/themes/found/").content.decode()


@pytest.mark.once
def test_a_person_puts_them_together_and_the_record_of_each_says_so(people, as_):
    one, two, three = several(people, category=people.category)
    client = as_(people.office)
    offer = client.get("/themes/new/", {"row": one.number}).content.decode()
    assert all(found.number in offer for found in (one, two, three))

    client.post("/themes/new/", {"title": "暖气片不热", "requests": [one.number], "more": f"{two.number}、"})

    theme = Theme.objects.get()
    assert (theme.title, theme.category, set(theme.requests.all())) == (
        "暖气片不热", people.category, {one, two},
    )  # fmt: skip
    assert "暖气片冰凉" in theme.lead_words
    assert AuditEntry.objects.of(one).filter(action="suggestions.request.group").exists()
    page = client.get(f"{three.get_absolute_url()}near/").content.decode()
    assert f"/themes/{theme.pk}/steps/add/?row={three.number}" in page


def test_a_request_is_in_one_theme_at_most_and_only_of_the_area(people, as_, theme):
    taken = theme.requests.first()
    foreign = f.RequestFactory(station=people.other)
    other = Theme(area=people.county, title="供暖").enter(by=people.office)
    with pytest.raises(NotAllowed, match="已经归入“暖气不热”"):
        other.add(by=people.office, requests=[taken])
    with pytest.raises(NotAllowed, match="不在平城区"):
        other.add(by=people.office, requests=[foreign])
    for number in (taken.number, foreign.number, "no-such"):
        answer = sent(other, "add", as_(people.office), {"more": number})
        assert answer.status_code == 422
        assert "没有找到" in answer.content.decode()
    assert not other.requests.exists()


def test_what_does_not_belong_is_taken_out_and_goes_on_by_itself(people, as_, theme):
    wrong = theme.requests.first()
    sent(theme, "take_out", as_(people.office), {"requests": [wrong.number], "note": "说的是收费"})
    wrong.refresh_from_db()
    assert (wrong.theme, theme.requests.count()) == (None, 2)
    with pytest.raises(NotAllowed, match="已经不在"):
        theme.take_out(by=people.office, requests=[wrong], note="再移一次")


def test_nothing_of_what_was_said_in_confidence_becomes_the_name(people, as_):
    text = "赵局长的儿子占了车位，赵局长的儿子不让停。"
    rows = [asked(people, text, confidential=True), asked(people, text, confidential=True)]
    offer = as_(people.office).get("/themes/new/", {"row": [one.number for one in rows]}).content.decode()
    assert 'value="赵局长' not in offer
    theme = Theme.objects.put_together(by=people.office, title="停车", category=None, requests=rows)
    assert theme.lead_words == ""


@pytest.mark.parametrize(
    ("now", "before", "growing"),
    [(2, 0, False), (3, 0, True), (3, 1, True), (3, 2, False), (7, 1, True), (8, 4, True), (7, 4, False)],
)
def test_growth_is_told_from_three_on_and_twice_the_last_period(now, before, growing):
    assert is_growing(now, before, Policy()) is growing


def test_the_list_says_how_each_grows_in_a_bounded_number_of_statements(
    people, as_, theme, django_assert_max_num_queries
):
    theme.add(by=people.office, requests=[asked(people, days_ago=45)])
    for number in range(5):
        Theme(area=people.county, title=f"另一个{number}").enter(by=people.office)
    client = as_(people.office)
    with django_assert_max_num_queries(16):
        page = client.get("/themes/").content.decode()
    assert "30 天内 3 件，上期 1 件" in page
    assert "在增加" in page


@pytest.mark.once
def test_a_theme_of_the_office_above_is_not_named_to_the_one_below(people, as_):
    rows = several(people)
    above = Theme(area=people.city, title="全市供暖").enter(by=people.office_city)
    above.add(by=people.office_city, requests=rows[:2])
    for url in ("/dispatch/", rows[0].get_absolute_url(), f"{rows[2].get_absolute_url()}near/"):
        assert "全市供暖" not in as_(people.office).get(url).content.decode()
        assert "全市供暖" in as_(people.office_city).get(url).content.decode()
    for post, seen in ((people.office, None), (people.office_city, above.pk), (people.station, above.pk)):
        assert as_(post).get(f"/api/v1/requests/{rows[0].number}/").json()["theme"] == seen


@pytest.mark.once
def test_the_home_of_the_office_names_what_grows(people, as_, theme):
    assert "共性问题在增加" in as_(people.office).get("/").content.decode()
    theme.close(by=people.office)
    assert "共性问题在增加" not in as_(people.office).get("/").content.decode()


# --- One deed for all ---------------------------------------------------------------------------------------------------


def test_all_that_wait_go_to_one_department_and_each_has_its_order(people, as_, theme, housing, water):
    one, two, about = theme.requests.order_by("pk")
    Request.objects.filter(pk=about.pk).update(about=housing)
    answer = sent(theme, "dispatch", as_(people.office), {"lead": housing.pk, "note": "一并办"})
    said = as_(people.office).get(answer["Location"])
    assert answer.status_code == 302
    assert set(Order.objects.values_list("request", "department")) == {
        (one.pk, housing.pk), (two.pk, housing.pk),
    }  # fmt: skip
    assert "待接单 2" in said.content.decode()
    about.refresh_from_db()
    assert about.state == "REGISTERED"


@pytest.mark.once
def test_dispatching_all_tells_what_failed_and_refuses_where_nothing_goes(people, as_, theme, housing):
    Request.objects.update(about=housing)
    answer = sent(theme, "dispatch", as_(people.office), {"lead": housing.pk})
    assert (answer.status_code, "不能派给它" in answer.content.decode()) == (409, True)
    Request.objects.update(about=None, state="HANDLING")
    assert sent(theme, "dispatch", as_(people.office), {"lead": housing.pk}).status_code == 409


@pytest.fixture
def in_hand(people, theme, housing):
    """All at the department; the first is answered."""
    theme.dispatch(by=people.office, lead=housing)
    orders = list(Order.objects.order_by("pk"))
    orders[0].accept(by=people.unit)
    orders[0].reply(by=people.unit, **ANSWER)
    return orders


@pytest.mark.once
def test_one_answer_is_taken_for_all_and_each_keeps_its_own_person_to_tell(people, as_, theme, in_hand):
    first, second, third = in_hand
    client = as_(people.unit)
    assert f"/themes/{theme.pk}/steps/answer/" in client.get(theme.get_absolute_url()).content.decode()

    form = {"like": first.number, "orders": [second.number, third.number]}
    assert sent(theme, "answer", client, form).status_code == 302

    assert set(Order.objects.values_list("state", "text")) == {("REPLIED", ANSWER["text"])}
    assert set(theme.requests.values_list("state", flat=True)) == {"REPLIED"}
    assert Request.objects.to_tell().count() == 3
    note = AuditEntry.objects.of(second).filter(action="suggestions.order.reply").get().note
    assert note == f"与{first.number}一并答复"
    assert sent(theme, "answer", client, form).status_code == 422  # nothing is left to answer


@pytest.mark.once
def test_made_up_numbers_are_refused_in_words(people, as_, theme, in_hand):
    for bad in ("\0", "x" * 5000, "9" * 30, "’ OR 1=1"):
        assert as_(people.office).get("/themes/new/", {"row": bad}).status_code == 200
        assert sent(theme, "add", as_(people.office), {"requests": [bad]}).status_code == 422
        form = {"like": bad, "orders": [bad]}
        assert sent(theme, "answer", as_(people.unit), form).status_code == 422


@pytest.mark.once
def test_only_what_is_in_hand_at_that_department_can_be_answered(people, as_, theme, in_hand, water):
    post = f.PostFactory(role=Role.UNIT, area=people.county)
    f.DepartmentStaffFactory(department=water, post=post)
    first, second, _ = in_hand
    apart = asked(people)
    apart.dispatch(by=people.office, lead=water)
    theirs = apart.orders.get()
    for order in (theirs, first):
        form = {"like": first.number, "orders": [order.number]}
        assert sent(theme, "answer", as_(people.unit), form).status_code == 422
        with pytest.raises(NotAllowed):
            theme.answer(by=people.unit, like=first, orders=[order])
    assert as_(post).get(theme.get_absolute_url()).status_code == 404
    second.refresh_from_db()
    assert second.state == "ISSUED"


# --- Who sees, who may --------------------------------------------------------------------------------------------------


def test_each_sees_the_themes_of_their_requests_and_counts_only_those(people, as_, theme, housing):
    rows = theme.requests.order_by("pk")
    rows[0].dispatch(by=people.office, lead=housing)
    seen = {
        name: f"{count} 件"
        for name, count in {"office": 3, "office_city": 3, "auditor": 3, "station": 3, "unit": 1}.items()
    }
    for name, count in seen.items():
        page = as_(getattr(people, name)).get(theme.get_absolute_url())
        assert (page.status_code, count in page.content.decode()) == (200, True), name
    for name in ("office_other", "station_sibling", "deputy", "admin"):
        assert theme not in Theme.objects.visible_to(getattr(people, name)), name


@pytest.mark.once
def test_a_department_reads_nothing_that_was_said_in_confidence(people, as_, theme, housing):
    Request.objects.update(confidential=True)
    theme.dispatch(by=people.office, lead=housing)
    page = as_(people.unit).get(theme.get_absolute_url()).content.decode()
    assert "（要求保密）" in page
    assert COLD[0][:5] not in page


@pytest.mark.once
@pytest.mark.parametrize("state", ThemeState.values)
@pytest.mark.parametrize("role", Role.values)
def test_a_theme_moves_as_its_table_says_and_no_other_way(people, housing, role, state):
    post = getattr(people, role.lower())
    for name, row in THEME_FLOW.items():
        theme = Theme(area=people.county, title="暖气不热", state=state).enter(by=people.office)
        allowed = role in row.roles and state in row.sources
        if not allowed:
            needed = {
                "answer": {"like": None, "orders": []},
                "rename": {"title": ""},
                "dispatch": {"lead": None},
            }
            more = needed.get(name, {"requests": []} if name in ("add", "take_out") else {})
            with pytest.raises(NotAllowed, match=row.label):
                getattr(theme, name)(by=post, note="经核实", **more)
            assert name not in theme.open_steps(post)
            continue
        more = filled(people, theme, name, housing)
        assert name in theme.open_steps(post)
        getattr(theme, name)(by=post, note="经核实", **more)
        theme.refresh_from_db()
        assert theme.state == (row.target or state)
        assert AuditEntry.objects.of(theme).filter(action=f"suggestions.theme.{name}").exists()


def filled(people, theme, name, housing):
    """What a step needs, with the theme made ready for it."""
    if name in ("close", "reopen"):
        return {}
    if name == "rename":
        return {"title": "供暖"}
    if name == "add":
        return {"requests": [asked(people)]}
    theme.take_in(several(people)[:2], by=people.office)
    inside = list(theme.requests.order_by("pk"))
    if name == "take_out":
        return {"requests": inside[:1]}
    if name == "dispatch":
        return {"lead": housing}
    first, second = (f.OrderFactory(request=one, department=housing) for one in inside)
    Request.objects.filter(theme=theme).update(state="DISPATCHED")
    first.accept(by=people.unit)
    first.reply(by=people.unit, **ANSWER)
    return {"like": first, "orders": [second]}


# --- REST ---------------------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_by_program_a_theme_is_put_together_read_and_moved(people, as_, housing):
    rows = several(people)
    client = as_(people.office)

    def send(url, form, key=""):
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(f"/api/v1/{url}", form, content_type="application/json", headers=headers)

    form = {"title": "暖气不热", "requests": [one.number for one in rows[:2]]}
    made, again = send("themes/", form, "k1"), send("themes/", form, "k1")
    assert (made.status_code, made.json()) == (201, again.json())
    theme = made.json()["id"]
    assert send("themes/", form).status_code == 400  # they belong to it already
    assert send("themes/", {"title": "空的", "requests": []}).status_code == 409

    added = send(f"themes/{theme}/steps/add/", {"requests": [rows[2].number]})
    assert added.status_code == 200
    of_it = client.get(f"/api/v1/requests/?theme={theme}").json()["results"]
    assert {one["number"] for one in of_it} == {one.number for one in rows}
    assert {one["theme"] for one in of_it} == {theme}
    assert send(f"themes/{theme}/steps/dispatch/", {"lead": housing.pk}).status_code == 200
    assert Order.objects.count() == 3
    assert as_(people.office_other).get(f"/api/v1/requests/?theme={theme}").json()["results"] == []
