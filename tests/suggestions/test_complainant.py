"""Who asked is masked; who must know asks for it, on record. Whom a complaint is about never learns who complained."""

import re
from collections import Counter
from datetime import date
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from django.urls import reverse

from liaison.core.models import Attachment, AuditEntry, InboxItem, OutboxMessage
from liaison.core.outbox import relay
from liaison.core.workflow import NotAllowed
from liaison.exchange.exports import LISTINGS, making
from suggestions.intake import amend
from suggestions.models import Document, FollowUp, Order, Request, Theme
from suggestions.models.followup import followers_of
from suggestions.orders.deadlines import remind
from suggestions.papers.kinds import PAPERS
from suggestions.revealing import reveal
from suggestions.workflow import OrderState, RequestState
from tests import factories as f
from tests.test_access_matrix import ADDRESSES, DOORS, ROUTES
from visits.models import Visit
from visits.privacy import exported_person, shown_person

pytestmark = [pytest.mark.once, pytest.mark.long]

NAME, PHONE, ADDRESS = "孙德福", "13900005521", "铁路新村七号楼"
WORDS = "物业科收钱不办事"


@pytest.fixture
def case(people):
    """A request with a person, handled by the department of `people.unit`; `people.rival` acts for another one."""
    bureau = f.DepartmentFactory(area=people.county, name="平城区住建局")
    rival = f.DepartmentFactory(area=people.county, name="平城区城管局")
    people.rival = f.PostFactory(role="UNIT", area=people.county, user__name="城管局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    f.DepartmentStaffFactory(department=rival, post=people.rival)
    activity = f.ActivityFactory(station=people.own, open=True)
    visit = f.VisitFactory(
        activity=activity, text=WORDS, received_by=people.deputy.mandate, outcome="DISPATCH"
    )
    f.VisitorFactory(visit=visit, name=NAME, phone=PHONE, address=ADDRESS)
    found = f.RequestFactory(
        visit=visit, station=people.own, title=WORDS, text=f"{WORDS}。", state=RequestState.HANDLING
    )
    order = f.OrderFactory(request=found, department=bureau, state=OrderState.ACCEPTED)
    return SimpleNamespace(found=found, visit=visit, order=order, bureau=bureau, rival=rival)


def shown(page):
    return NAME in page or PHONE in page or ADDRESS in page


@pytest.mark.parametrize("who", ["office", "office_city", "unit"])
def test_name_and_number_are_shown_once_for_a_reason_and_on_record(people, as_, case, who, caplog):
    browser, url = as_(getattr(people, who)), f"/requests/{case.found.number}/person/"
    if who != "unit":
        page = browser.get(case.found.get_absolute_url()).content.decode()
        assert "孙*" in page
        assert url in page
        assert not shown(page)

    assert not shown(browser.get(url).content.decode())
    assert browser.post(url, {"reason": "看看"}).status_code == 422
    assert not AuditEntry.objects.of(case.found).filter(action__endswith=".reveal").exists()

    answer = browser.post(url, {"reason": "答复不清楚，要打电话核实"})
    assert NAME in answer.content.decode()
    assert PHONE in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]

    entry = AuditEntry.objects.of(case.found).get(action__endswith=".reveal")
    assert (entry.post, entry.note) == (getattr(people, who), "答复不清楚，要打电话核实")
    assert not shown(f"{entry.__dict__}")
    assert not shown(caplog.text)
    assert not shown(browser.get(url).content.decode())
    office = as_(people.office).get(case.found.get_absolute_url()).content.decode()
    assert "看了联系方式" in office
    assert "要打电话核实" in office


@pytest.mark.parametrize("who", ["station", "deputy", "auditor", "admin"])
def test_nobody_else_may_ask(people, as_, case, who):
    assert as_(getattr(people, who)).get(f"/requests/{case.found.number}/person/").status_code == 403


@pytest.mark.parametrize(
    ("state", "status"),
    [("ISSUED", 409), ("ACCEPTED", 200), ("RETURN_ASKED", 409), ("RETURNED", 409), ("REPLIED", 200), ("OPINED", 200), ("CANCELLED", 409)],
)  # fmt: skip
def test_a_department_may_ask_while_it_handles_the_case(people, as_, case, state, status):
    Order.objects.update(state=state)

    assert as_(people.unit).get(f"/requests/{case.found.number}/person/").status_code == status
    assert as_(people.rival).get(f"/requests/{case.found.number}/person/").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("office", 409), ("unit", 409)])
def test_where_confidence_was_asked_for_the_station_alone_has_the_number(people, as_, case, who, status):
    Request.objects.update(confidential=True)
    answer = as_(getattr(people, who)).post(
        f"/requests/{case.found.number}/person/", {"reason": "要打电话核实"}
    )

    assert answer.status_code == status
    assert not shown(answer.content.decode())
    assert "联络站" in answer.content.decode()


def test_confidence_asked_for_meanwhile_holds_at_once(people, case):
    stale = Request.objects.select_related("visit__visitor").get()
    Request.objects.update(confidential=True)

    with pytest.raises(NotAllowed, match="要求保密"):
        reveal(stale, by=people.office, reason="要打电话核实")


def test_who_left_no_name_cannot_be_shown(people, as_, case):
    case.visit.visitor.delete()

    page = as_(people.office).get(case.found.get_absolute_url()).content.decode()
    assert "/person/" not in page
    assert as_(people.office).get(f"/requests/{case.found.number}/person/").status_code == 409


# --- A complaint about a department ---------------------------------------------------------------------------------------


# Where no request is spoken of: the public site, accounts, days and rosters, the network; and what is slow to draw.
# Links to such pages are not followed either.
ELSEWHERE = (
    "admin:", "accounts:", "portal:", "appointments:", "stations:", "deputies:", "contacts:", "coverage:", "imports:",
    "visits:", "projects:", "reports:dictionary", "no_such", "core:styleguide", "core:worker", "core:size", "core:alive", "core:ready", "api:schema", "api:docs",
    "api:nothing", "api:token", "api:area", "api:station", "api:deputy", "api:mandate", "api:assignment", "api:proposal",
    "api:code", "api:contact", "api:activity", "api:attendance", "api:notice", "api:sheet", "api:draft", "api:coverage",
    "api:project", "api:ballot", "api:dictionary",
)  # fmt: skip
SKIPPED = (
    "/static", "/api/", "/stations/", "/deputies/", "/notices/", "/appointments/", "/accessibility/", "/privacy/", "/projects/",
    "/figures/dictionary/", "/password/",
)  # fmt: skip


def addresses(case, photo, role):
    """Every address that takes nothing, or a thing of this case, but for what lies ELSEWHERE or behind a shut door."""
    number = case.found.number
    things = {
        "": {},
        "request": {"number": number, "pk": case.found.pk},
        "order": {"number": case.order.number, "pk": case.order.pk},
        "visit": {"number": case.visit.number, "pk": case.visit.pk},
        "activity": {"pk": case.visit.activity_id},
        "file": {"key": photo.key},
        "answer_kept": {"number": case.order.number, "key": photo.key},
    }
    for kind, model in (("theme", Theme), ("followup", FollowUp)):
        if one := model.objects.first():
            things[kind] = {"number": number, "pk": one.pk}
    found = set()
    for name, wanted in ADDRESSES.items():
        if name.startswith(ELSEWHERE) or role not in DOORS.get(name, role):  # the doors: the access matrix
            continue
        given = {"name": "reply", "step": "reply"} | things.get(ROUTES[name].of, {})
        if wanted <= given.keys():
            found.add(reverse(name, kwargs={key: given[key] for key in wanted}))
    return sorted(found)


def words_in(answer):
    """The text of an answer, of a Word file that which stands in it."""
    if not answer.content.startswith(b"PK"):
        return answer.content.decode(errors="replace")
    with ZipFile(BytesIO(answer.content)) as file:
        return "".join(file.read(name).decode(errors="replace") for name in file.namelist())


def everything_read(browser, post, case, photo, links=True):
    """What a post can read of a case: all pages and REST, the links on them, what a search and an export give."""
    queue, seen, read = (
        ["/", case.visit.activity.get_absolute_url(), *addresses(case, photo, post.role)],
        set(),
        {},
    )
    asked = Counter()  # of a page with one query after another, two tell enough
    while queue:
        url = queue.pop(0)
        page = url.partition("?")[0]
        if (
            url in seen or asked[page] == 2 or page.endswith(".pdf")
        ):  # the words of a PDF cannot be looked for
            continue
        assert len(seen) < 400, "one page leads to another without end"
        seen.add(url)
        asked[page] += 1
        answer = browser.get(url)
        if answer.status_code != 200 or answer.streaming:
            continue
        read[url] = words_in(answer)
        if links and "text/html" in answer["Content-Type"]:
            queue += [
                link for link in re.findall(r'href="(/[^"#]*)"', read[url]) if not link.startswith(SKIPPED)
            ]
    for page in ("/requests/", "/orders/", "/themes/", "/api/v1/requests/", "/api/v1/orders/"):
        answer = browser.get(f"{page}?text={NAME}&q={NAME}&number={NAME}")
        if answer.status_code == 200:  # what was typed stands in the fields again, and in no other place
            read[f"{page}?…"] = answer.content.decode().replace(NAME, "")
    for name, listing in LISTINGS.items():
        if post.role in listing.roles:
            asked = making.Asked(listing, {}, post)
            rows = [[column.value(row, asked) for column in listing.columns] for row in asked.read()]
            read[f"export of {name}"] = f"{rows}"
        else:
            assert browser.post(f"/exports/{name}/").status_code == 403
    return read


@pytest.fixture
def photo(people, case):
    """A file of the request; and a note of the station that names the person, which stands in the same record."""
    case.found.mark("due", by=people.station, note=f"{NAME}来电催问，回电{PHONE}")
    return Attachment.objects._keep(
        case.found, PHONE.encode(), f"{NAME}.jpg", "image/jpeg", by=people.station
    )


def test_whom_a_complaint_is_about_reads_nothing_of_it_by_any_path(people, as_, case, photo):
    """It had the order, returned it, and then the office saw that the complaint is about it."""
    case.order.state = OrderState.RETURNED
    case.order.save()
    case.order.tell_department("收到派单。", "issued")
    relay()
    Request.objects.update(about=case.bureau, department=case.rival)
    f.OrderFactory(request=case.found, department=case.rival, state=OrderState.ACCEPTED)

    for url, page in everything_read(as_(people.unit), people.unit, case, photo).items():
        assert not shown(page), url
        assert "孙*" not in page, url
        assert WORDS not in page, url
    assert (
        as_(people.unit)
        .post(f"/requests/{case.found.number}/person/", {"reason": "要打电话核实"})
        .status_code
        == 404
    )
    assert not Request.objects.visible_to(people.unit).exists()
    assert not Order.objects.visible_to(people.unit).exists()
    assert not photo.is_visible_to(people.unit)


def test_who_handles_a_complaint_about_another_reads_what_was_said_and_not_who(people, as_, case, photo):
    Request.objects.update(about=case.rival)
    case.found.refresh_from_db()
    case.order.refresh_from_db()
    Document.objects.issue(case.order, PAPERS["order"], by=people.office)

    read = everything_read(as_(people.unit), people.unit, case, photo)
    assert any(url.endswith(".docx") for url in read), "the order as a paper"
    for url, page in read.items():
        assert not shown(page), url
        assert "孙*" not in page, url
    assert shown_person(case.found, people.unit).name == "（不给承办单位看）"
    assert exported_person(case.found, people.unit).name == "（不给承办单位看）"
    assert shown_person(case.found, people.office).name == "孙*"
    assert not photo.is_visible_to(people.unit)
    with pytest.raises(NotAllowed, match="反映的是单位"):
        reveal(case.found, by=people.unit, reason="要打电话核实")


def test_no_department_reads_a_person_in_full_and_none_where_confidence_was_asked_for(
    people, as_, case, photo
):
    assert shown_person(case.found, people.unit).name == "孙*"
    Request.objects.update(confidential=True)
    for url, page in everything_read(as_(people.unit), people.unit, case, photo).items():
        assert not shown(page), url
        assert "孙*" not in page, url
        assert WORDS not in page, url


def test_notices_name_the_case_and_never_the_person(people, case):
    """Through the whole life of a request."""
    Request.objects.update(state=RequestState.REGISTERED)
    Order.objects.all().delete()
    found = Request.objects.get()
    found.dispatch(by=people.office, lead=case.bureau, helpers=[case.rival])
    lead, helper = found.orders.order_by("pk")
    helper.accept(by=people.rival)
    helper.opine(by=people.rival, text="我局意见：可以。")
    lead.accept(by=people.unit)
    lead.urge(by=people.deputy)
    lead.reply(by=people.unit, text="已处理。", answer_class="A")
    found.refresh_from_db()
    found.feed_back(by=people.station, how="PHONE")
    found.rate(
        by=people.station, attitude="SATISFIED", result="UNSATISFIED", solved="NO", reason=f"{NAME}说没有解决", how="PHONE"
    )  # fmt: skip
    relay()

    told = [f"{one.subject} {one.text} {one.key} {one.url}" for one in OutboxMessage.objects.all()]
    told += [one.text for one in InboxItem.objects.all()]
    assert len(told) > 6
    assert not any(shown(text) or WORDS in text for text in told)


# --- A complaint about a person -------------------------------------------------------------------------------------------


LISTS = (
    "/",
    "/requests/",
    "/visits/",
    "/orders/",
    "/themes/",
    "/api/v1/requests/",
    "/api/v1/orders/",
    "/api/v1/visits/",
)
WHO = ["deputy", "station", "office", "office_city", "unit", "auditor"]


@pytest.fixture
def thread(people, case):
    """What hangs on the request: a theme, a follow-up, an answer with its paper, a rating, notices that went out before."""
    Request.objects.update(follower=people.deputy.mandate, dispatched_on=case.found.received_on)
    case.found.refresh_from_db()
    theme = Theme.objects.put_together(by=people.office, title=WORDS, category=None, requests=[case.found])
    FollowUp(
        request=case.found, mandate=people.deputy.mandate, kind="CALL", text=WORDS, day=case.found.received_on
    ).enter(by=people.deputy)
    case.order.reply(by=people.unit, text=f"{WORDS}，已经处理。", answer_class="A")
    Document.objects.issue(case.order, PAPERS["order"], by=people.office)
    relay()
    return theme


@pytest.mark.parametrize("who", WHO)
def test_a_person_complained_about_reads_nothing_of_it_by_any_path(people, as_, case, photo, thread, who):
    """Pages, lists, counts, search, exports, files, papers, themes, the thread, REST: in whatever post they act."""
    post = getattr(people, who)
    page = case.order.get_absolute_url()
    assert WORDS in as_(post).get(page).content.decode(), "it was there to be read"

    case.found.refresh_from_db()
    case.found.say_about(
        by=people.office_city if who == "office" else people.office, about=None, about_name=post.user.name
    )

    if who in ("deputy", "office"):
        pages = everything_read(as_(post), post, case, photo, links=False)
    else:
        pages = {url: as_(post).get(url).content.decode() for url in LISTS}
    for url, page in pages.items():
        assert not shown(page), url
        assert "孙*" not in page, url
        assert WORDS not in page, url
        assert url == "/" or case.found.number not in page, url  # there, a notice of before says the number
    assert not Visit.objects.visible_to(post).exists()
    assert not Request.objects.visible_to(post).exists()
    assert not Order.objects.visible_to(post).exists()
    assert not FollowUp.objects.visible_to(post).exists()
    assert not Theme.objects.visible_to(post).exists()
    assert not Document.objects.visible_to(post).exists()
    assert not photo.is_visible_to(post)
    if who in ("office", "station", "auditor"):
        counted = as_(post).get("/api/v1/figures/").json()["figures"]
        assert {one["value"] for one in counted if one["code"].startswith("requests.")} == {0}
    for other in {"office_city", "station"} - {who}:
        assert Request.objects.visible_to(getattr(people, other)).exists(), "others go on with it"


def test_a_name_is_enough_and_any_account_of_a_deputy_counts(people, case):
    """A deputy's account may bear another spelling; a person who acts in two posts is one person."""
    second = f.PostFactory(role="OFFICE", area=people.county, user=people.deputy.user)
    people.deputy.deputy.name = "张建国·阿依"
    people.deputy.deputy.save()
    Request.objects.update(about_name="张建国·阿依")
    for post in (people.deputy, second):
        assert not Request.objects.visible_to(post).exists()
    assert Request.objects.visible_to(people.office).exists()


def test_whom_it_is_about_neither_follows_nor_handles_nor_hears_of_it(people, case):
    Request.objects.update(state=RequestState.REGISTERED, about_name=people.deputy.user.name)
    Order.objects.all().delete()
    found = Request.objects.get()
    found.dispatch(by=people.office, lead=case.bureau, follower=people.deputy.mandate)
    assert found.follower is None
    with pytest.raises(NotAllowed, match="另选跟单代表"):
        found.follow_by(people.deputy.mandate, by=people.office)
    assert followers_of(found, people.station) == []

    Request.objects.update(about_name=people.unit.user.name)
    OutboxMessage.objects.all().delete()
    order = Order.objects.get()
    order.urge(by=people.office)
    Order.objects.update(due_on=date(2020, 1, 1))
    remind(date(2020, 1, 2))
    told = set(OutboxMessage.objects.values_list("to", flat=True))
    assert people.unit.user_id not in told
    assert people.office.user_id in told
    Request.objects.update(state=RequestState.REGISTERED)
    with pytest.raises(NotAllowed, match="经办人，不能派给它"):
        Request.objects.get().dispatch(by=people.office, lead=case.bureau)


def test_an_office_is_not_told_how_many_are_late_where_the_late_one_is_about_its_own(people, case):
    Request.objects.update(about_name=people.office.user.name)
    Order.objects.update(due_on=date(2020, 1, 1), accept_by=date(2020, 1, 1))
    remind(date(2020, 1, 2))
    assert not OutboxMessage.objects.filter(to=people.office.user).exists()


def test_a_department_that_handles_it_does_not_read_who_complained(people, as_, case, photo):
    Request.objects.update(about_name="某干部")
    for url, page in everything_read(as_(people.unit), people.unit, case, photo, links=False).items():
        assert not shown(page), url
        assert "孙*" not in page, url
    assert not photo.is_visible_to(people.unit)
    assert shown_person(Request.objects.get(), people.unit).name == "（不给承办单位看）"


def test_it_is_said_at_the_desk_at_triage_or_later_and_nobody_says_it_of_oneself(people, as_, case):
    """At the desk, so that not even the colleagues of the same station read it in between."""
    activity = f.ActivityFactory(station=people.own, open=True)
    sent = {"name": "王秀英", "text": "站里的人态度不好。", "outcome": "DISPATCH", "about_name": " 李 站员 "}
    desk = as_(people.station)
    assert desk.post(f"/activities/{activity.pk}/log/", sent).status_code == 302
    found = Request.objects.get(visit__activity=activity)
    assert (found.about_name, found.visit.about_name) == ("李站员", "李站员")
    own = desk.post(f"/activities/{activity.pk}/log/", sent | {"about_name": people.station.user.name})
    assert own.status_code == 409
    assert "请由别人来登记" in own.content.decode()

    url = f"/requests/{found.number}/steps/triage/"
    assert as_(people.office).post(url, {"about_name": "😀"}).status_code == 422
    assert as_(people.office).post(url, {"about_name": people.office.user.name}).status_code == 409
    assert as_(people.office).post(url, {"about_name": "赵主任"}).status_code == 302
    page = as_(people.station).get(found.get_absolute_url()).content.decode()
    assert "赵主任" in page
    entry = AuditEntry.objects.of(found).get(action__endswith=".triage")
    assert "赵主任" not in f"{entry.data}", "the record does not repeat the name"

    corrected = as_(people.station).post(f"/requests/{found.number}/about/", {"about_name": ""})
    assert corrected.status_code == 302
    assert Request.objects.get(pk=found.pk).about_name == ""


def test_what_was_said_of_the_request_later_outlives_a_correction_of_the_visit(people, case):
    """Only a correction of the name itself goes over: the visit does not know what came out at the office."""
    case.found.say_about(by=people.office, about=case.rival, about_name="赵主任")
    visit = Visit.objects.get(pk=case.visit.pk)

    amend(visit, by=people.station, version=visit.version, person={}, headcount=2)
    assert Request.objects.get().about_name == "赵主任"
    amend(visit, by=people.station, version=visit.version, person={}, about_name="钱主任")
    assert Request.objects.get().about_name == "钱主任"
    amend(visit, by=people.station, version=visit.version, person={}, about_name="")
    assert (Request.objects.get().about_name, Request.objects.get().about) == ("", case.rival)


def test_at_triage_what_is_emptied_is_taken_back_and_what_is_left_out_stays(people, as_, case):
    Request.objects.update(state=RequestState.REGISTERED, about=case.rival, about_name="赵主任")
    Order.objects.all().delete()
    url = f"/requests/{case.found.number}/steps/triage/"
    client = as_(people.office)
    assert client.post(f"/api/v1{url}", {"note": "看过"}, "application/json").status_code == 200
    found = Request.objects.get()
    assert (found.state, found.about, found.about_name) == (RequestState.TRIAGED, case.rival, "赵主任")

    Request.objects.update(state=RequestState.REGISTERED)
    assert client.post(url, {"about": "", "about_name": ""}).status_code == 302
    found = Request.objects.get()
    assert (found.about, found.about_name) == (None, "")
