"""The dictionary: who reads it, that it tells of every figure, and that each special case counts as it says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deputies.models import StationAssignment
from liaison.reports.dictionary.words import CASES
from liaison.reports.metrics import METRICS, figures
from suggestions.models import Request
from tests import factories as f
from visits.models import Activity

pytestmark = pytest.mark.once

DAY = date(2026, 10, 12)
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
NOVEMBER = datetime(2026, 11, 20, 2, tzinfo=UTC)
TEXT = "管网已经检修，室温达到十八度，还不热的请打供热公司电话。"
PLEASED = {"attitude": "SATISFIED", "result": "SATISFIED", "solved": "YES"}


def october(area, *codes):
    return [figure.value for figure in figures(area, FIRST, LAST, codes=codes)]


def november(area, *codes):
    return [figure.value for figure in figures(area, date(2026, 11, 1), date(2026, 11, 30), codes=codes)]


# --- To read ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["office", "station", "deputy", "unit", "auditor", "admin"])
def test_everybody_who_has_signed_in_reads_how_every_figure_comes_about(as_, people, who):
    page = as_(getattr(people, who)).get("/figures/dictionary/").content.decode()

    for metric in METRICS.values():
        assert f'id="{metric.code}"' in page
        assert metric.definition in page
    for case in CASES:
        assert case.rule in page


def test_a_stranger_signs_in_first(client, db):
    assert client.get("/figures/dictionary/").status_code == 302


def test_beside_each_figure_stands_the_way_to_its_place_in_the_dictionary(as_, people):
    client = as_(people.office)

    page = client.get("/figures/").content.decode()
    for code in METRICS:
        assert f'href="/figures/dictionary/#{code}"' in page
    listed = client.get("/figures/requests.overdue/").content.decode()
    assert 'href="/figures/dictionary/#requests.overdue"' in listed


def test_rest_tells_the_same(as_, people, django_assert_max_num_queries):
    client = as_(people.office)
    with django_assert_max_num_queries(4):  # the session, the post; not one of a figure
        answer = client.get("/api/v1/figures/dictionary/").json()

    told = {figure["code"]: figure for figure in answer["figures"]}
    assert list(told) == list(METRICS)
    satisfied, persons = told["requests.satisfied"], told["network.persons"]
    assert (satisfied["base"], satisfied["records"], satisfied["additive"]) == (
        "requests.rated",
        "诉求",
        True,
    )
    assert (persons["records"], persons["additive"], "只计一次" in persons["sums"]) == ("代表", False, True)
    assert (told["requests.median_days"]["additive"], told["activity.visitors"]["group"]) == (
        False,
        "活动和接待",
    )
    assert [case["name"] for case in answer["cases"]] == [case.name for case in CASES]


# --- Special cases, each by its name in the dictionary ----------------------------------------------------------------


def visit(world, **fields):
    return f.VisitFactory(activity=None, station=world.own, day=DAY, **{"headcount": 2} | fields)


def closed(world, **fields):
    return f.ActivityFactory(**{"station": world.own, "day": DAY, "state": "CLOSED"} | fields)


def request(world, **fields):
    return f.RequestFactory(station=world.own, **fields)


def now(found):
    return Request.objects.get(pk=found.pk)


def dispatched(world, **fields):
    found = request(world, **fields)
    found.dispatch(by=world.office, lead=world.bureau)
    return found


def reply(world, found):
    order = found.orders.get(state__in=("ISSUED", "ACCEPTED"))
    if order.state == "ISSUED":
        order.accept(by=world.unit)
    order.reply(by=world.unit, text=TEXT, answer_class="A")
    return now(found)


def rate(world, found, **marks):
    found.feed_back(by=world.station, how="PHONE")
    found.rate(by=world.station, how="PHONE", **PLEASED | marks)


def late_entry(world):
    world.go_to(NOVEMBER)
    visit(world, headcount=3)
    assert (october(world.county, "activity.visitors"), november(world.county, "activity.visitors")) == (
        [3],
        [0],
    )


def corrected(world):
    one, other = visit(world), visit(world)
    one.amend(by=world.station, headcount=9)
    other.amend(by=world.station, day=date(2026, 9, 30))
    assert october(world.county, "activity.visitors", "activity.parties") == [9, 1]


def voided(world):
    one = visit(world)
    one.void(by=world.station, note="记错了")
    assert october(world.county, "activity.parties") == [0]
    one.restore(by=world.station)
    assert october(world.county, "activity.parties") == [1]


def as_known(world):
    one = visit(world)
    moment = datetime(2026, 11, 3, tzinfo=UTC)
    world.go_to(NOVEMBER)
    one.amend(by=world.station, headcount=9)
    [then] = figures(world.county, FIRST, LAST, codes=("activity.visitors",), as_of=moment)
    assert (then.value, october(world.county, "activity.visitors")) == (2, [9])


def moved_area(world):
    visit(world)
    world.town.active = False
    world.town.save()
    assert october(world.town, "activity.parties", "network.townships") == [1, 0]


def mandate_in_mid_term(world):
    new, gone, last = (f.MandateFactory(area=world.town) for _ in range(3))
    new.amend(by=world.office, from_on=DAY)
    gone.amend(by=world.office, to_on=date(2026, 10, 30))
    last.amend(by=world.office, to_on=LAST)
    f.AttendanceFactory(activity=closed(world), mandate=gone, state="PRESENT")
    assert october(world.town, "network.mandates", "activity.attendances") == [2 + 2, 1]


def mandate_suspended(world):
    before = october(world.county, "network.mandates", "network.persons")
    world.lead.suspend(DAY, by=world.office)
    assert october(world.county, "network.mandates", "network.persons") == before


def two_mandates(world):
    [held, people] = october(world.county, "network.mandates", "network.persons")
    city = f.TermFactory(congress=f.CongressFactory(name="市人大", level="CITY"))
    f.MandateFactory(deputy=world.lead.deputy, area=world.town, term=city)
    assert october(world.county, "network.mandates", "network.persons") == [held + 1, people]


def station_closed(world):
    visit(world)
    [open_ones] = october(world.county, "network.stations")
    world.own.amend(by=world.office, closed_on=LAST)
    assert october(world.county, "network.stations", "activity.parties") == [open_ones - 1, 1]


def station_moved(world):
    visit(world)
    world.own.amend(by=world.office, area=world.other.area)
    assert october(world.other_county, "network.stations", "activity.parties") == [2, 0]
    assert october(world.county, "network.stations", "activity.parties") == [1, 1]


def deputy_moved(world):
    f.AttendanceFactory(activity=closed(world), mandate=world.lead, state="PRESENT")
    StationAssignment.objects.get(mandate=world.lead).end(DAY, by=world.office)
    assert october(world.county, "network.assigned", "activity.attendances") == [1, 1]
    assert october(world.town, "activity.attendances") == [1]


def not_closed(world):
    closed(world, state="OPEN")
    closed(world, state="CANCELLED")
    assert october(world.county, "activity.activities", "activity.receptions_planned") == [0, 1]


def reopened(world):
    day = closed(world)
    world.go_to(NOVEMBER)
    day.reopen(by=world.office, note="漏了人")
    assert october(world.county, "activity.receptions") == [0]
    day.close(by=world.station)
    assert october(world.county, "activity.receptions") == [1]
    assert november(world.county, "activity.receptions") == [0]


def postponed(world):
    day = closed(world, state="PLANNED")
    day.move(by=world.office, note="下雪", day=date(2026, 11, 5))
    world.go_to(NOVEMBER)
    Activity.objects.get(pk=day.pk).close(by=world.station)
    assert (october(world.county, "activity.receptions"), november(world.county, "activity.receptions")) == (
        [0],
        [1],
    )


def contested(world):
    day = closed(world, contest_by=LAST)
    missed, came = (
        f.AttendanceFactory(activity=day, mandate=one.mandate, state=state)
        for one, state in ((world.deputy, "ABSENT"), (world.deputy_colleague, "PRESENT"))
    )
    missed.contest(by=world.deputy, note="我在场")
    assert october(world.county, "activity.attendances") == [1]
    missed.correct_present(by=world.office, note="有照片")
    assert october(world.county, "activity.attendances") == [2]
    came.contest(by=world.deputy_colleague, note="那天请了假")
    came.correct_leave(by=world.office, note="请过假")
    assert october(world.county, "activity.attendances") == [1]


def guest_deputy(world):
    f.AttendanceFactory(activity=closed(world, station=world.other), mandate=world.lead, state="PRESENT")
    assert october(world.other_county, "activity.attendances", "activity.deputies_present") == [1, 1]
    assert october(world.county, "activity.attendances") == [0]


def returned(world):
    found = dispatched(world)
    first = found.orders.get()
    first.ask_return(by=world.unit, note="不归我们")
    first.grant_return(by=world.office)
    world.go_to(NOVEMBER)
    now(found).dispatch(by=world.office, lead=world.bureau)
    assert october(world.county, "requests.dispatched", "requests.overdue") == [1, 0]
    assert november(world.county, "requests.dispatched", "requests.overdue") == [0, 0]


def answered_again(world):
    found = reply(world, dispatched(world))
    world.go_to(NOVEMBER)
    found.orders.get().send_back(by=world.office, note="没有答到点上")
    assert october(world.county, "requests.replied") == [1]
    reply(world, found)
    assert october(world.county, "requests.replied") == [1]
    assert november(world.county, "requests.replied") == [0]


def rehandled(world):
    found = reply(world, dispatched(world))
    rate(world, found, result="UNSATISFIED", solved="NO", reason="还是不热")
    again = now(found).orders.get(round=2)
    again.amend(by=world.office, due_on=date(2026, 11, 10))
    world.go_to(NOVEMBER)
    codes = [f"requests.{name}" for name in ("dispatched", "replied", "satisfied", "rehandled", "overdue")]
    assert october(world.county, *codes) == [1, 1, 0, 1, 0]
    assert november(world.county, *codes) == [0, 0, 0, 0, 1]
    rate(world, reply(world, now(found)))
    assert november(world.county, "requests.satisfied", "requests.rated", "requests.closed") == [0, 0, 1]


def withdrawn(world):
    found = dispatched(world)
    found.orders.get().amend(by=world.office, due_on=date(2026, 10, 20))
    world.go_to(NOVEMBER)
    assert october(world.county, "requests.overdue") == [1]
    now(found).withdraw(by=world.station, note="不用办了")
    assert october(world.county, "requests.received", "requests.dispatched", "requests.overdue") == [1, 1, 0]
    assert november(world.county, "requests.closed") == [0]


def refused(world):
    request(world).decline(by=world.station, refused="COURT", said="请向法院反映。", note="在打官司")
    request(world).answer(by=world.station, said="已经当场说明白。", solved="YES")
    codes = [f"requests.{name}" for name in ("received", "not_accepted", "on_spot", "dispatched", "closed")]
    assert october(world.county, *codes) == [2, 1, 1, 0, 0]


def joined(world):
    host, other = dispatched(world), request(world)
    other.join_to(now(host), by=world.office, note="同一栋楼")
    host.orders.get().amend(by=world.office, due_on=date(2026, 10, 20))
    assert october(world.county, "requests.received", "requests.dispatched") == [2, 1]
    world.go_to(datetime(2026, 10, 25, tzinfo=UTC))
    reply(world, host)
    codes = [f"requests.{name}" for name in ("received", "dispatched", "accepted", "replied", "overdue")]
    assert october(world.county, *codes) == [2, 2, 2, 2, 1]


def themed(world):
    theme = f.ThemeFactory(area=world.county)
    for _ in range(2):
        Request.objects.filter(pk=dispatched(world).pk).update(theme=theme)
    assert october(world.county, "requests.received", "requests.dispatched") == [2, 2]


def extended(world):
    order = dispatched(world).orders.get()
    order.amend(by=world.office, due_on=date(2026, 10, 20))
    order.accept(by=world.unit)
    order.ask_extension(by=world.unit, note="等配件", to=date(2026, 10, 21))
    world.go_to(datetime(2026, 10, 21, 2, tzinfo=UTC))
    assert october(world.county, "requests.overdue") == [1]
    order.grant_extension(by=world.office)
    assert october(world.county, "requests.overdue") == [0]
    world.go_to(NOVEMBER)
    assert october(world.county, "requests.overdue") == [1]


def several_departments(world):
    water = f.DepartmentFactory(area=world.county, name="平城区水务局")
    found = request(world)
    found.dispatch(by=world.office, apart=[world.bureau, water])
    for order in found.orders.all():
        order.amend(by=world.office, due_on=date(2026, 10, 20))
    own = found.orders.get(department=world.bureau)
    own.accept(by=world.unit)
    own.reply(by=world.unit, text=TEXT, answer_class="A")
    world.go_to(NOVEMBER)
    assert october(world.county, "requests.replied", "requests.overdue") == [0, 1]


def unrated(world):
    rate(world, reply(world, dispatched(world)))
    reply(world, dispatched(world)).feed_back(by=world.station, how="PHONE")
    [satisfied] = figures(world.county, FIRST, LAST, codes=("requests.satisfied",))
    assert (satisfied.value, satisfied.base, satisfied.percent) == (1, 1, "100.0")
    assert october(world.county, "requests.assisted", "requests.fed_back") == [1, 2]


def suggestion(world, **fields):
    state = {"written_on": DAY, "submitted_on": DAY, "state": "SUBMITTED"} | fields
    return f.SuggestionFactory(lead=world.lead, **state)


def given_back(world):
    piece = suggestion(world)
    suggestion(world).as_letter(by=world.office, refused="LETTER", note="个案")
    piece.give_back(by=world.office, refused="EMPTY", note="没有具体建议")
    assert october(world.county, "suggestions.pieces") == [0]
    world.go_to(datetime(2026, 10, 20, tzinfo=UTC))
    piece.submit(by=world.deputy)
    piece.accept(by=world.office)
    assert october(world.county, "suggestions.pieces") == [1]
    assert piece.submitted_on == date(2026, 10, 20)


def suggestion_withdrawn(world):
    piece = suggestion(world)
    piece.accept(by=world.office)
    piece.withdraw(by=world.office, note="已经解决", all_agree=True)
    assert october(world.county, "suggestions.pieces") == [1]


def suggestion_rehandled(world):
    piece = suggestion(world)
    piece.accept(by=world.office)
    piece.assign(by=world.office, lead=world.bureau)

    def answer(letter, result, **more):
        order = piece.orders.order_by("pk").last()
        order.accept(by=world.unit)
        mine = type(piece).objects.get(pk=piece.pk)
        mine.meet(by=world.unit, note="谈了", department=world.bureau, on=DAY, way="FACE")
        order.reply(by=world.unit, text=TEXT, answer_class=letter, **more)
        mine = type(piece).objects.get(pk=piece.pk)
        mine.countersign(by=world.office)
        mine.deliver(by=world.office, how="HAND")
        mine.evaluate(by=world.office, attitude="SATISFIED", result=result, how="PAPER", reason="慢")

    answer("C", "UNSATISFIED", promised_on=DAY + timedelta(days=60))
    codes = [f"suggestions.{name}" for name in ("replied", "class_a", "class_c", "satisfied_first_round")]
    assert october(world.county, *codes) == [1, 0, 1, 0]
    answer("A", "SATISFIED")
    assert october(world.county, *codes) == [1, 1, 0, 0]


SHOWN = {
    shown.__name__: shown
    for shown in (
        late_entry, corrected, voided, as_known, moved_area, mandate_in_mid_term, mandate_suspended, two_mandates,
        station_closed, station_moved, deputy_moved, not_closed, reopened, postponed, contested, guest_deputy, returned,
        answered_again, rehandled, withdrawn, refused, joined, themed, extended, several_departments, unrated, given_back,
        suggestion_withdrawn, suggestion_rehandled,
    )
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_special_case_counts_as_the_dictionary_says(world, case):
    SHOWN[case.name](world)
