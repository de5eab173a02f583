"""As known on a day: whatever was done since, what was counted on 3 November is counted again."""

import random
import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from deputies.models import Mandate, StationAssignment
from liaison.core.admin_accounts import AreaAdmin
from liaison.core.bulk import amend_all, enter_all
from liaison.core.workflow import NotAllowed
from liaison.reports import known
from liaison.reports.breakdown import by_area, by_month
from liaison.reports.issued.models import Report
from liaison.reports.metrics import METRICS, Ask, figures, records
from stations.models import Station
from suggestions.models import FollowUp, Request, Suggestion
from tests import factories as f
from tests.reports.conftest import OCTOBER
from visits.models import Activity, Attendance, Visit

FIRST, LAST = date(2026, 10, 1), date(2026, 11, 30)
ASKED, LATER = (datetime(2026, 11, day, 2, tzinfo=UTC) for day in (3, 20))
DAY = OCTOBER.date()
SATISFIED = {"attitude": "SATISFIED", "result": "SATISFIED", "solved": "PARTLY", "how": "PHONE"}
TEXT = "管网已经检修，室温达到十八度，还不热的请打供热公司电话。"


def all_figures(area, post=None, *, as_of=None, codes=tuple(METRICS)):
    found = figures(area, FIRST, LAST, post, as_of=as_of, codes=codes)
    return {figure.code: (figure.value, figure.base) for figure in found}


def ids(rows):
    return sorted(rows.values_list("pk", flat=True))


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


# --- What may be done later, each from what was there in October ------------------------------------------------------


def visit(world, **fields):
    return f.VisitFactory(activity=None, station=world.own, day=DAY, **{"headcount": 2} | fields)


def closed(world):
    activity = f.ActivityFactory(station=world.own, day=DAY, state="OPEN", announced_on=date(2026, 10, 1))
    present, absent = (
        f.AttendanceFactory(activity=activity, mandate=one.mandate)
        for one in (world.deputy, world.deputy_colleague)
    )
    activity.close(by=world.station, present=[present])
    return activity, present, fresh(absent)


def dispatched(world):
    request = f.RequestFactory(station=world.own)
    request.dispatch(by=world.office, lead=world.bureau)
    return request


def replied(world):
    request = dispatched(world)
    order = request.orders.get()
    order.accept(by=world.unit)
    order.reply(by=world.unit, text=TEXT, answer_class="A")
    return fresh(request), order


def told(world):
    request, _ = replied(world)
    request.feed_back(by=world.station, how="PHONE")
    return request


def suggestion(world, **fields):
    f_ = {"written_on": DAY, "submitted_on": DAY, "state": "SUBMITTED"} | fields
    return f.SuggestionFactory(lead=world.lead, **f_)


def answered(world):
    piece = suggestion(world)
    piece.accept(by=world.office)
    piece.assign(by=world.office, lead=world.bureau)
    order = piece.orders.get()
    order.accept(by=world.unit)
    fresh(piece).meet(by=world.unit, note="谈了", department=world.bureau, on=DAY, way="FACE")
    order.reply(by=world.unit, text=TEXT, answer_class="A")
    return fresh(piece)


def logged_late(world):
    return lambda: visit(world, headcount=5)


def voided(world):
    one = visit(world)
    return lambda: one.void(by=world.station, note="记错了")


def put_back(world):
    one = visit(world)
    one.void(by=world.station, note="记错了")
    return lambda: one.restore(by=world.station)


def heads_corrected(world):
    one = visit(world)
    return lambda: one.amend(by=world.station, headcount=9)


def corrected_twice(world):
    one = visit(world)

    def later():
        one.amend(by=world.station, headcount=9)
        one.amend(by=world.station, headcount=11, day=date(2026, 9, 30))

    return later


def corrected_by_import(world):
    one = visit(world)

    def later():
        with transaction.atomic():
            amend_all([(one, {"headcount": 7})], by=world.station)

    return later


def reopened(world):
    activity, _, _ = closed(world)
    return lambda: activity.reopen(by=world.office, note="漏了人")


def reopened_and_closed_again(world):
    activity, _, absent = closed(world)

    def later():
        activity.reopen(by=world.office, note="漏了人")
        absent.check_in(by=world.station)
        activity.close(by=world.station)

    return later


def corrected_after_objection(world):
    _, _, absent = closed(world)

    fresh(absent).contest(by=world.deputy_colleague, note="我在场")
    return lambda: fresh(absent).correct_present(by=world.office, note="有照片")


def closed_late(world):
    activity = f.ActivityFactory(station=world.own, day=DAY, state="OPEN")
    return lambda: activity.close(by=world.station)


def dispatched_later(world):
    request = f.RequestFactory(station=world.own)
    return lambda: request.dispatch(by=world.office, lead=world.bureau)


def answered_on_spot_later(world):
    request = f.RequestFactory(station=world.own)
    return lambda: request.answer(by=world.station, said="已经当场说明白。", solved="YES")


def order_missed_and_answered_later(world):
    request = dispatched(world)
    order = request.orders.get()
    order.amend(by=world.office, due_on=date(2026, 10, 20))

    def later():
        order.accept(by=world.unit)
        order.amend(by=world.office, due_on=date(2026, 11, 30))  # more time, given afterwards

    return later


def withdrawn(world):
    order = dispatched(world).orders.get()
    order.amend(by=world.office, due_on=date(2026, 10, 20))
    return lambda: order.cancel(by=world.office, note="不用办了")


def told_later(world):
    request, _ = replied(world)
    return lambda: request.feed_back(by=world.station, how="PHONE", on=DAY)


def said_to_be_solved_later(world):
    request = told(world)
    return lambda: request.rate(by=world.station, **SATISFIED | {"solved": "YES"})


def rehandled_later(world):
    request = told(world)
    request.rate(by=world.station, **SATISFIED)
    request.close(by=world.office, solved="YES")
    return lambda: fresh(request).amend(by=world.office, state="RATED", closed_on=None, solved="NO")


def followed_late(world):
    request, _ = replied(world)
    request.amend(by=world.office, follower=world.deputy.mandate)
    mine = FollowUp(request=request, mandate=world.deputy.mandate, kind="VISIT", day=DAY, text="到现场看过。")
    return lambda: mine.enter(by=world.deputy)


def follow_up_voided(world):
    followed_late(world)()
    return lambda: FollowUp.objects.get().void(by=world.deputy, note="记错了")


def moved_request(world):
    request = f.RequestFactory(station=world.own)
    return lambda: request.amend(by=world.office, station=world.other, area=world.other.area)


def station_closed(world):
    return lambda: world.sibling.amend(by=world.office, closed_on=date(2026, 10, 15))


def station_moved(world):
    return lambda: world.sibling.amend(by=world.office, area=world.other.area)


def station_entered_late(world):
    return lambda: f.StationFactory.build(area=world.town, opened_on=date(2026, 9, 1)).enter(by=world.office)


def mandate_ended(world):
    return lambda: world.lead.end(date(2026, 10, 10), "RESIGNED", by=world.office)


def assignment_moved(world):
    held = StationAssignment.objects.get(mandate=world.lead)

    def later():
        held.end(date(2026, 10, 10), by=world.office)
        StationAssignment(mandate=world.lead, station=world.sibling, from_on=date(2026, 12, 15)).enter(
            by=world.office
        )

    return later


def assignments_ended_together(world):
    from deputies.proposals.models import _end

    def later():
        with transaction.atomic():
            _end(list(StationAssignment.objects.all()), date(2026, 10, 10), by=world.office, note="换届")

    return later


def entered_by_import(world):
    def later():
        new = f.VisitFactory.build(activity=None, station=world.own, area=world.town, day=DAY, headcount=3)
        new.area_path = world.town.path
        with transaction.atomic():
            enter_all([new], by=world.station)

    return later


def area_out_of_use(world):
    def later():
        request = SimpleNamespace(post=world.admin)
        world.sibling.area.active = False
        changed = SimpleNamespace(changed_data=["active"])
        AreaAdmin.save_model(SimpleNamespace(), request, world.sibling.area, changed, True)

    return later


def accepted_later(world):
    piece = suggestion(world)
    return lambda: piece.accept(by=world.office)


def answer_countersigned_later(world):
    piece = answered(world)
    return lambda: piece.countersign(by=world.office)


def answer_written_again(world):
    piece = answered(world)
    piece.countersign(by=world.office)
    return lambda: piece.amend(by=world.office, answer_class="B", state="HANDLING")


def evaluated_later(world):
    piece = answered(world)
    piece.countersign(by=world.office)
    piece.deliver(by=world.office, how="HAND")
    return lambda: piece.evaluate(by=world.office, attitude="SATISFIED", result="SATISFIED", how="PAPER")


def made_key_later(world):
    piece = answered(world)
    return lambda: piece.make_key(by=world.office, on=DAY, body="第12次主任会议")


CASES = {
    logged_late: "activity.visitors",
    voided: "activity.visitors",
    put_back: "activity.parties",
    heads_corrected: "activity.visitors",
    corrected_twice: "activity.parties",
    corrected_by_import: "activity.visitors",
    entered_by_import: "activity.visitors",
    reopened: "activity.receptions_announced_in_time",
    reopened_and_closed_again: "activity.deputies_present",
    corrected_after_objection: "activity.attendances",
    closed_late: "activity.activities",
    answered_on_spot_later: "requests.on_spot",
    dispatched_later: "requests.dispatched",
    order_missed_and_answered_later: "requests.overdue",
    withdrawn: "requests.overdue",
    told_later: "requests.fed_back",
    said_to_be_solved_later: "requests.solved",
    rehandled_later: "requests.closed",
    followed_late: "requests.followed",
    follow_up_voided: "requests.followed",
    moved_request: "requests.received",
    station_closed: "network.stations",
    station_moved: "network.townships_covered",
    station_entered_late: "network.stations",
    mandate_ended: "network.persons",
    assignment_moved: "network.assigned",
    assignments_ended_together: "network.assigned",
    area_out_of_use: "network.townships",
    accepted_later: "suggestions.pieces",
    answer_countersigned_later: "suggestions.met",
    answer_written_again: "suggestions.class_a",
    evaluated_later: "suggestions.satisfied_first_round",
    made_key_later: "suggestions.key",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_what_was_counted_on_3_november_is_counted_again_whatever_was_done_since(world, case):
    code = CASES[case]
    group = tuple(one for one in METRICS if METRICS[one].group == METRICS[code].group)
    later = case(world)
    world.go_to(ASKED)
    then = all_figures(world.county, codes=group)
    listed = ids(records(code, world.county, FIRST, LAST))
    world.go_to(LATER)
    later()

    assert all_figures(world.county, as_of=ASKED, codes=group) == then
    assert ids(records(code, world.county, FIRST, LAST, as_of=ASKED)) == listed
    assert all_figures(world.county, codes=(code,))[code] != then[code]


# --- Deeds in any order -----------------------------------------------------------------------------------------------


def any_deed(world, chance):
    """One deed, as the dice have it: something new, or the next thing that may be done to something old."""
    own, office, station, unit = world.own, world.office, world.station, world.unit
    stations = [own, world.sibling, world.other]
    day = DAY + timedelta(days=chance.randrange(-20, 20))

    def one_of(rows):
        found = list(rows)
        return chance.choice(found) if found else None

    def change(rows, do):
        if (thing := one_of(rows)) is not None:
            do(thing)

    def step(thing, post, **more):
        names = sorted(thing.open_steps(post))
        if names and (name := chance.choice(names)) in more:
            getattr(thing, name)(by=post, note="因为", **more[name])

    def hold(activity):
        step(activity, station, close={}, reopen={}, begin={}, cancel={}, announce={})

    def handle(request):
        step(
            request, office, dispatch={"lead": world.bureau}, feed_back={"how": "PHONE"}, close={"solved": "YES"},
            rehandle={}, answer={"said": "已经当场说明白。", "solved": "YES"}, withdraw={}, decline={"refused": "OTHER", "said": "请向信访部门反映。"},
            track={"promised_on": timezone.localdate() + timedelta(days=9)},
        )  # fmt: skip

    def answer(order):
        step(order, chance.choice([unit, office]), accept={}, send_back={}, cancel={}, ask_return={}, grant_return={},
             reply={"text": TEXT, "answer_class": "A"})  # fmt: skip

    def further(piece):
        step(
            piece, office, accept={}, assign={"lead": world.bureau}, countersign={}, deliver={"how": "HAND"},
            make_key={"on": timezone.localdate(), "body": "主任会议"}, withdraw={"all_agree": True}, give_back={"refused": "EMPTY"},
            evaluate={"attitude": "SATISFIED", "result": chance.choice(["SATISFIED", "UNSATISFIED"]), "how": "PAPER", "reason": "慢"},
        )  # fmt: skip

    def roster(activity):
        if not activity.attendances.exists():
            f.AttendanceFactory(activity=activity, mandate=world.lead)

    deeds = [
        lambda: f.VisitFactory(activity=None, station=chance.choice(stations), day=day, headcount=2),
        lambda: f.ActivityFactory(station=chance.choice(stations), day=min(day, timezone.localdate())),
        lambda: f.RequestFactory(station=chance.choice(stations), received_on=min(day, timezone.localdate())),
        lambda: suggestion(world),
        lambda: change(
            Visit.objects.all(), lambda v: v.amend(by=station, day=day, headcount=chance.randrange(1, 9))
        ),
        lambda: change(Visit.objects.counted(), lambda v: v.void(by=station, note="记错了")),
        lambda: change(Visit.objects.exclude(voided_at=None), lambda v: v.restore(by=station)),
        lambda: change(Activity.objects.all(), roster),
        lambda: change(
            Attendance.objects.all(), lambda a: step(a, station, check_in={}, mark_absent={}, confirm={})
        ),
        lambda: change(Station.objects.filter(closed_on=None), lambda s: s.amend(by=office, closed_on=day)),
        lambda: change(Station.objects.exclude(closed_on=None), lambda s: s.amend(by=office, closed_on=None)),
        lambda: change(
            Station.objects.all(), lambda s: s.amend(by=office, area=chance.choice(stations).area)
        ),
        lambda: change(StationAssignment.objects.filter(to_on=None), lambda a: a.end(day, by=office)),
        lambda: change(Mandate.objects.all(), lambda m: m.amend(by=office, to_on=chance.choice([None, day]))),
    ]
    deeds += [lambda: change(Activity.objects.all(), hold)] * 3
    deeds += [lambda: change(Request.objects.all(), handle)] * 4
    deeds += [lambda: change(world.bureau.orders.all(), answer)] * 5
    deeds += [lambda: change(Suggestion.objects.all(), further)] * 4
    with suppress(NotAllowed):  # then nothing was done
        chance.choice(deeds)()


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.once)])
def test_whatever_is_done_in_whatever_order_each_moment_is_counted_again_as_it_was(world, seed):
    chance = random.Random(seed)
    moments = []
    moment = OCTOBER
    for number in range(90):
        moment += timedelta(hours=chance.randrange(1, 24))
        world.go_to(moment)
        any_deed(world, chance)
        if number % 22 == 21:
            world.go_to(moment := moment + timedelta(minutes=1))
            moments.append((moment, all_figures(world.city), split(world.city)))
    world.go_to(moment + timedelta(days=30))

    assert len({tuple(sorted(then.items())) for _, then, _ in moments}) == len(moments), (
        "something is done each time"
    )
    for when, then, apart in moments:
        assert all_figures(world.city, as_of=when) == then
        assert split(world.city, as_of=when) == apart


def split(area, as_of=None):
    ask = Ask(area, FIRST, LAST, None, as_of)
    codes = ["activity.visitors", "requests.received", "requests.overdue", "network.stations"]
    return [(row.key, row.values) for row in by_area(ask, codes)] + [
        (row.key, row.values) for row in by_month(ask, codes[:2])
    ]


# --- Where it is asked ------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_page_list_rest_and_command_say_what_was_known(world, as_, capsys):
    one = visit(world, number="JD-TOLD")
    world.go_to(LATER)
    one.amend(by=world.station, headcount=9)
    visit(world, number="JD-LATE")
    asked = {"area": "140213", "from": "2026-10-01", "to": "2026-11-30", "as_of": "2026-11-03"}
    client = as_(world.office)

    page = client.get("/figures/", asked)
    [visitors] = [
        one["figure"]
        for group in page.context["groups"]
        for one in group["figures"]
        if "visitors" in one["metric"].code
    ]
    assert (visitors.value, "2026年11月3日 23:59" in page.content.decode()) == (2, True)
    kept = "as_of=2026-11-03"
    assert all(kept in tab["url"] for tab in page.context["periods"])
    addresses = re.findall(r'href="(/figures/[^"]+)"', page.content.decode())
    assert addresses
    assert all(kept in address for address in addresses if "?" in address)

    listed = client.get("/figures/activity.visitors/", asked)
    assert kept in listed.context["board"]
    assert "接待群众 2 人次" in listed.content.decode()
    assert "JD-TOLD" in listed.content.decode()
    assert "JD-LATE" not in listed.content.decode()

    answer = client.get("/api/v1/figures/", asked).json()
    [told] = [figure for figure in answer["figures"] if figure["code"] == "activity.visitors"]
    assert (answer["as_of"], told["value"]) == ("2026-11-03T23:59:59+08:00", 2)
    rows = client.get(told["records"].removeprefix("http://testserver")).json()["results"]
    assert [(row["number"], row["value"]) for row in rows] == [("JD-TOLD", 2)]
    at_six = client.get("/api/v1/figures/", asked | {"as_of": "2026-11-03T18:00"}).json()
    assert at_six["as_of"] == "2026-11-03T18:00:00+08:00"
    assert [one["value"] for one in at_six["figures"]] == [one["value"] for one in answer["figures"]]

    call_command(
        "figures", "--area", "140213", "--from", "2026-10-01", "--to", "2026-11-30", "--as-of", "2026-11-03"
    )
    said = capsys.readouterr().out
    assert "按 2026-11-03 23:59 所知" in said
    assert re.search(r"activity.visitors +接待群众 +2 人次", said)


@pytest.mark.once
@pytest.mark.parametrize(("text", "sentence"), [("2026-11-21", "还没有到这一天"), ("昨天", "日期不对")])
def test_what_has_not_come_and_what_is_no_day_is_refused_in_words(world, as_, text, sentence):
    world.go_to(LATER)
    client = as_(world.office)

    for address in ("/figures/", "/figures/activity.visitors/"):
        page = client.get(address, {"as_of": text})
        assert (page.status_code, sentence in page.content.decode()) == (422, True)
    refused = client.get("/api/v1/figures/", {"as_of": text})
    assert (refused.status_code, sentence in refused.content.decode()) == (400, True)
    with pytest.raises(CommandError):
        call_command(
            "figures", "--area", "140213", "--from", "2026-10-01", "--to", "2026-10-31", "--as-of", text
        )
    assert client.get("/figures/", {"as_of": "2026-11-20"}).context["form"].cleaned_data["as_of"] is None, (
        "today"
    )


@pytest.mark.once
def test_a_report_is_asked_for_as_known_on_a_day(world, as_):
    world.go_to(LATER)
    client = as_(world.office)
    page = client.get("/reports/", {"from": "2026-10-01", "to": "2026-10-31", "as_of": "2026-11-03"})
    assert 'name="as_of" value="2026-11-03"' in page.content.decode()
    asked = {
        "area": "140213",
        "period_name": "free",
        "first": "2026-10-01",
        "last": "2026-10-31",
        "format": "xlsx",
    }

    assert client.post("/reports/", asked | {"as_of": "2026-12-01"}).status_code == 422
    assert client.post("/reports/", asked | {"as_of": "2026-11-03"}).status_code == 302
    report = Report.objects.get()
    assert timezone.localtime(report.as_of).date() == ASKED.date()


def test_who_may_see_is_asked_as_of_today(world):
    about = f.RequestFactory(station=world.own, title="反映县代表工委")
    world.go_to(LATER)
    assert records("requests.received", world.county, FIRST, LAST, world.office, as_of=ASKED).count() == 1
    about.say_about(by=world.station, about=None, about_name=world.office.user.name)

    assert records("requests.received", world.county, FIRST, LAST, world.office, as_of=ASKED).count() == 0
    assert records("requests.received", world.county, FIRST, LAST, world.auditor, as_of=ASKED).count() == 1


# --- What the record must hold ----------------------------------------------------------------------------------------


def columns_of(rows):
    return set(re.findall(r'"(\w+)"\."(\w+)"', str(rows.order_by().query)))


@pytest.mark.once
def test_the_record_keeps_the_former_values_of_every_column_that_a_figure_reads(world):
    """Else a figure of October would change with what is done in November."""
    read = set()
    for post in (world.office, world.station):
        ask = Ask(world.county, FIRST, LAST, post)
        for metric in METRICS.values():
            read |= columns_of(metric.records(ask).values("pk"))
            if metric.rule.value != "median days":
                read |= columns_of(metric.source(ask).values("pk").annotate(value=metric.value(ask)))
    written_once = {"suggestions_rating", "suggestions_evaluation", "suggestions_meeting", "accounts_area"}
    for model in known._of_record():
        table, never = model._meta.db_table, {"id", "created_at", "number", *getattr(model, "SETTLED", ())}
        columns = {column for where, column in read if where == table} - never
        if table not in written_once:
            assert columns <= set(known._changing(model)) | known.COLUMNS_AS_TODAY, table
