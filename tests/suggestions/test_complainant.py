"""Who asked is masked; who must know asks for it, on record. Whom a complaint is about never learns who complained."""

import re
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from django.urls import NoReverseMatch, reverse

from liaison.core.models import Attachment, AuditEntry, InboxItem, OutboxMessage
from liaison.core.outbox import relay
from liaison.core.workflow import NotAllowed
from liaison.exchange.exports import LISTINGS, making
from suggestions.models import Document, Order, Request
from suggestions.papers.kinds import PAPERS
from suggestions.revealing import reveal
from suggestions.workflow import OrderState, RequestState
from tests import factories as f
from tests.test_access_matrix import ADDRESSES
from visits.privacy import exported_person, shown_person

pytestmark = pytest.mark.once

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
ELSEWHERE = (
    "admin:", "accounts:", "portal:", "appointments:", "stations:", "deputies:", "contacts:", "coverage:", "imports:",
    "visits:", "no_such", "core:styleguide", "core:worker", "core:size", "core:alive", "core:ready", "api:schema", "api:docs",
    "api:nothing", "api:token", "api:area", "api:station", "api:deputy", "api:mandate", "api:assignment", "api:proposal",
    "api:code", "api:contact", "api:activity", "api:attendance", "api:notice", "api:sheet", "api:draft", "api:coverage",
)  # fmt: skip
SKIPPED = (
    "/static",
    "/api/",
    "/stations",
    "/deputies",
    "/notices",
    "/appointments",
    "/accessibility",
    "/privacy",
)


def addresses(case, photo):
    """Every address that takes nothing, or something of this case, but for what lies ELSEWHERE."""
    things = [
        {"number": case.found.number, "pk": case.found.pk, "key": photo.key, "name": "reply", "step": "reply", "code": "PC01"},
        {"number": case.order.number, "pk": case.order.pk},
        {"number": case.visit.number, "pk": case.visit.pk},
    ]  # fmt: skip
    found = set()
    for name, wanted in ADDRESSES.items():
        if name.startswith(ELSEWHERE):
            continue
        for thing in things:
            if wanted <= thing.keys():
                try:
                    found.add(reverse(name, kwargs={key: thing[key] for key in wanted}))
                except NoReverseMatch:  # a number is no pk
                    continue
    return sorted(found)


def words_in(answer):
    """The text of an answer, of a Word file that which stands in it."""
    if not answer.content.startswith(b"PK"):
        return answer.content.decode(errors="replace")
    with ZipFile(BytesIO(answer.content)) as file:
        return "".join(file.read(name).decode(errors="replace") for name in file.namelist())


def everything_read(browser, post, case, photo):
    """What a post can read of a case: all pages and REST, the links on them, what a search and an export give."""
    queue, seen, read = ["/", *addresses(case, photo)], set(), {}
    while queue:
        url = queue.pop(0)
        if url in seen or len(seen) > 400:
            continue
        seen.add(url)
        answer = browser.get(url)
        if answer.status_code != 200 or answer.streaming:
            continue
        read[url] = words_in(answer)
        if "text/html" in answer["Content-Type"]:
            queue += [
                link for link in re.findall(r'href="(/[^"#]*)"', read[url]) if not link.startswith("/static")
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
