"""The demonstration's data: its totals are those published, it is the same each time, and work goes on from it."""

import hashlib
import json
from dataclasses import asdict
from datetime import date, time, timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.test import RequestFactory
from django.utils import timezone

from deputies.models import Deputy, Mandate, QrToken, StationAssignment
from liaison.accounts.models import Area, Post, Role, User
from liaison.bulletin.models import Bulletin, NewsItem
from liaison.bulletin.models.news import personal_data
from liaison.bulletin.workflow import NewsState
from liaison.core.models import AuditEntry
from liaison.core.policy import policy_for
from liaison.demo.scenarios import SCENARIOS, spread
from liaison.reports.metrics import figures
from stations.models import Station
from suggestions.models import Ballot, Document, Order, Project, Rating, Request, Suggestion, Theme
from suggestions.orders.deadlines import follow_calendar
from suggestions.papers.kinds import PAPERS
from suggestions.projects.models import Votes
from suggestions.themes.finding import groups
from suggestions.workflow import OrderState, SuggestionState
from visits.models import Activity, Appointment, Attendance, Notice, Visit, Visitor
from visits.models.appointment import why_not_with
from visits.planning import make_all_days
from visits.workflow import ActivityState, AttendanceState

pytestmark = [pytest.mark.once, pytest.mark.long]

TODAY = date(2026, 11, 12)
HISTORY = SCENARIOS["county"].history
DIGEST = "60b1c11e73cb0f8dc346c58029a3c16ff5235ecb07f83921cf49efcc7186b3dd"


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The county and what the command printed: loaded once for all tests that ask for it, then rolled back."""
    out = StringIO()
    with django_db_blocker.unblock(), transaction.atomic():
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("DEMO_PASSWORD", raising=False)
            call_command("load_demo", scenario="county", on=TODAY.isoformat(), stdout=out)
        yield SCENARIOS["county"], out.getvalue()
        transaction.set_rollback(True)


def password_in(printed):
    return printed.partition("密码都是 ")[2].split()[0]


def digest():
    """All names, texts and numbers, but for the keys of rows."""
    whole = hashlib.sha256()
    for rows in (
        Station.objects.order_by("code").values_list("code", "name", "address", "brand", "opened_on"),
        Deputy.objects.order_by("card_no").values_list(
            "card_no", "name", "phone", "employer", "duty", "birth"
        ),
        Mandate.objects.order_by("deputy__card_no", "level").values_list(
            "deputy__card_no", "level", "area_path", "from_on"
        ),
        Activity.objects.order_by("number").values_list("number", "day", "theme", "state", "announced_on"),
        Visit.objects.order_by("station__code", "number").values_list(
            "number", "text", "outcome", "headcount", "at"
        ),
        Visitor.objects.order_by("visit__station__code", "visit__number").values_list(
            "name", "phone", "address"
        ),
        Request.objects.order_by("number").values_list("number", "title", "state", "due_on", "closed_on"),
        Order.objects.order_by("number").values_list("number", "department__name", "state", "due_on", "text"),
        Rating.objects.order_by("request__number", "round").values_list(
            "attitude", "result", "how", "reason"
        ),
    ):
        whole.update(json.dumps(list(rows), default=str, ensure_ascii=False).encode())
    return whole.hexdigest()


def found(area="1402", first=HISTORY[0], last=HISTORY[1]):
    place = Area.objects.get(code=area.ljust(12, "0"))
    return {figure.code: figure.value for figure in figures(place, first, last)}


def test_every_run_on_every_machine_makes_the_same(loaded, db):
    assert digest() == DIGEST, "where the data was changed on purpose, this is its new digest"


# --- Totals -----------------------------------------------------------------------------------------------------------


def test_the_city_has_the_totals_that_it_published():
    """Whatever database the tests run on: the plan of the data adds up."""
    plan = SCENARIOS["datong"]

    assert plan.mandates == 7600
    assert sum(county.points for county in plan.counties) == 380
    assert (plan.received, plan.requests, plan.professional, plan.training) == (5801, 2017, 345, 110)


def test_figures_of_the_ten_months_are_those_of_the_plan(loaded, db):
    scenario, _ = loaded
    values = found()

    assert (values["network.stations"], values["network.points"]) == (21, 47)
    assert values["network.mandates"] == values["network.assigned"] == scenario.mandates
    assert values["activity.visitors"] == scenario.received
    assert Request.objects.received(*HISTORY).count() == scenario.requests
    assert 0.85 < values["activity.receptions_announced_in_time"] / values["activity.receptions"] < 0.97
    assert 0.9 < values["network.persons"] / values["network.mandates"] < 1


def test_every_mandate_is_assigned_today_as_well(loaded, db):
    scenario, _ = loaded
    values = found(first=TODAY, last=TODAY)

    assert values["network.mandates"] == values["network.assigned"] == scenario.mandates


def test_mandates_are_of_all_five_levels_as_planned(loaded, db):
    scenario, _ = loaded
    levels = Mandate.objects.in_office(TODAY).values_list("level").annotate(n=Count("pk"))

    planned = {}
    for county in scenario.counties:
        for level, count in county.mandates.items():
            planned[level] = planned.get(level, 0) + count
    assert dict(levels) == planned


def test_shares_in_whole_numbers_add_up():
    assert spread(10, [1, 1, 1]) == [4, 3, 3]
    assert sum(spread(7600, [0.7, 1.3, 2.9, 1.1])) == 7600
    assert spread(5, [0, 0]) == [0, 0]


# --- What the models promise, though nothing went through their methods ------------------------------------------------


def test_nothing_is_assigned_rostered_or_held_where_it_could_not_be(loaded, db):
    assert not StationAssignment.objects.filter(from_on__lt=F("mandate__from_on")).exists()
    assert not StationAssignment.objects.filter(from_on__lt=F("station__opened_on")).exists()
    assert not Attendance.objects.filter(activity__day__lt=F("mandate__from_on")).exists()
    assert not Attendance.objects.filter(activity__day__gt=F("mandate__to_on")).exists()
    assert not Activity.objects.filter(day__lt=F("station__opened_on")).exists()
    assert not Visit.objects.filter(day__gt=TODAY).exists()
    assert not Visit.objects.filter(activity__isnull=False).exclude(day=F("activity__day")).exists()
    assert not Visit.objects.counted().filter(activity__state=ActivityState.CANCELLED).exists()
    assert not Activity.objects.closed().filter(Q(day__gte=TODAY) | Q(closed_at=None)).exists()
    assert not Request.objects.exclude(visit__outcome=Visit.Outcome.DISPATCH).exists()
    assert not Visit.objects.filter(outcome=Visit.Outcome.NOT_ACCEPTED, reason="").exists()


def test_rows_carry_what_saving_would_have_given_them(loaded, db):
    for model in (Station, Mandate, Activity, Visit, Request):
        assert not model.objects.exclude(area_path=F("area__path")).exists()
    assert not Mandate.objects.exclude(level=F("term__congress__level")).exists()
    assert not Deputy.objects.filter(Q(pinyin="") | Q(initials="")).exists()


def test_a_person_sits_once_at_an_activity_and_one_who_is_replaced_has_somebody_instead(loaded, db):
    seats = Attendance.objects.values("activity", "mandate__deputy").annotate(n=Count("pk"))

    assert not seats.filter(n__gt=1).exists()
    replaced = Attendance.objects.filter(state=AttendanceState.SUBSTITUTED)
    assert replaced.exists()
    assert not replaced.exclude(stand_in__state=AttendanceState.PRESENT).exists()


def test_every_reception_visit_was_received_by_a_deputy_who_was_there(loaded, db):
    for visit in Visit.objects.filter(activity__isnull=False).select_related("activity").order_by("pk")[::40]:
        if visit.voided_at is None:
            assert visit.activity.attendances.present().filter(mandate=visit.received_by_id).exists()


def test_every_closed_activity_and_every_visit_has_its_history(loaded, db):
    deeds = dict(AuditEntry.objects.values_list("action").annotate(n=Count("pk")))

    assert deeds["visits.visit.enter"] == Visit.objects.count()
    assert deeds["suggestions.request.enter"] == Request.objects.count()
    assert deeds["visits.activity.enter"] == Activity.objects.filter(
        Q(rule__isnull=False) | Q(day=TODAY)
    ).count() + (
        Activity.objects.filter(rule=None).exclude(day=TODAY).exclude(theme="新任代表履职学习班").count()
    )
    assert deeds["visits.activity.close"] <= Activity.objects.closed().count()


def test_departments_have_orders_in_every_state_as_the_steps_would_have_left_them(loaded, db):
    states = set(Order.objects.values_list("state", flat=True))
    assert states == set(OrderState.values) - {OrderState.CANCELLED}
    assert Order.objects.filter(department__staff__post__user__username="unit").open().count() >= 6
    assert Order.objects.overdue(TODAY).exists()
    assert Order.objects.asking().exists()
    entries = dict(
        AuditEntry.objects.filter(object_type="suggestions.order")
        .values_list("object_id")
        .annotate(n=Count("pk"))
    )
    assert {str(order.pk): order.version for order in Order.objects.all()} == entries
    leads = Order.objects.exclude(share=Order.Share.HELPER).filter(request__isnull=False, round=1)
    for states, of_request in (
        ({OrderState.ACCEPTED}, {"HANDLING"}),
        ({OrderState.ISSUED, OrderState.RETURN_ASKED}, {"DISPATCHED"}),
    ):
        assert set(leads.filter(state__in=states).values_list("request__state", flat=True)) == of_request
    assert not leads.open().exclude(due_on=F("request__due_on")).exists()
    assert not Order.objects.filter(accepted_on__gte=TODAY).exists()
    assert follow_calendar() == 0


def test_texts_are_varied(loaded, db):
    texts = list(Visit.objects.values_list("text", flat=True))

    assert len(set(texts)) > 0.95 * len(texts)
    assert not [text for text in texts if "{" in text or "None" in text]


# --- What became of the requests --------------------------------------------------------------------------------------


def test_the_requests_of_the_ten_months_came_as_far_as_the_plan_says(loaded, db):
    scenario, printed = loaded
    values = found()

    plan = asdict(scenario.handled)
    plan.pop("rated_not_closed")
    plan.pop("withdrawn")
    assert {name: values[f"requests.{name}"] for name in plan} == plan
    assert 10 <= values["requests.median_days"] <= 20
    assert "收到 235，派单 235，接单 230，跟单 230，评单 205，办结 202" in printed


def test_requests_stand_in_many_states_today_and_each_request_has_what_its_state_promises(loaded, db):
    states = Request.State
    there = set(Request.objects.values_list("state", flat=True))
    assert there >= set(states.values) - {states.FED_BACK, states.REHANDLING, states.TRACKING}
    days = [
        "received_on",
        "dispatched_on",
        "accepted_on",
        "replied_on",
        "fed_back_on",
        "rated_on",
        "closed_on",
    ]
    for place, earlier in enumerate(days):
        for later in days[place + 1 :]:
            assert not Request.objects.filter(**{f"{later}__lt": F(earlier)}).exists(), (earlier, later)
    assert not Request.objects.filter(state=states.CLOSED).filter(Q(closed_on=None) | Q(solved="")).exists()
    assert not Request.objects.in_hand().filter(Q(department=None) | Q(due_on=None)).exists()
    assert not Request.objects.filter(followed_on__isnull=False, follower=None).exists()
    assert not Request.objects.filter(dispatched_on__lt=F("created_at__date")).exists()
    rated = Rating.objects.filter(request=OuterRef("pk"))
    assert not Request.objects.filter(rated_on__isnull=False).exclude(Exists(rated)).exists()
    assert not Rating.objects.filter(Q(result="UNSATISFIED") & Q(reason="")).exists()


def test_orders_go_to_departments_of_the_request_and_say_their_due_day(loaded, db):
    of_requests = Order.objects.filter(request__isnull=False)
    assert not of_requests.exclude(request__area_path__startswith=F("department__area_path")).exists()
    assert not Order.objects.filter(due_because="").exists()
    assert not Order.objects.filter(state="REPLIED").filter(Q(text="") | Q(replied_on=None)).exists()
    unit = Post.objects.get(user__username="unit")
    assert Order.objects.visible_to(unit).filter(state="ACCEPTED").exists()
    texts = Order.objects.exclude(text="").values_list("text", flat=True)
    assert not [text for text in texts if "{" in text or "None" in text]
    assert AuditEntry.objects.filter(action="suggestions.order.enter").count() == Order.objects.count()


# --- Going on from it -------------------------------------------------------------------------------------------------


def test_new_records_take_the_next_numbers(loaded, db):
    officer = Post.objects.get(user__username="station", role=Role.STATION)
    station = Station.objects.visible_to(officer).get(kind="STATION")
    before = Request.objects.filter(received_on=TODAY).count()

    visit = Visit(station=station, day=TODAY, text="暖气不热。", outcome=Visit.Outcome.NOTED).enter(
        by=officer
    )
    activity = Activity(
        station=station, day=TODAY + timedelta(days=40), starts_at=time(18), ends_at=time(19)
    ).enter(by=officer)
    request = Request(station=station, channel="VISIT", title="暖气", text="暖气", received_on=TODAY).enter(
        by=officer
    )

    assert visit.number == "JD20261112-013"
    assert Activity.objects.filter(number=activity.number).count() == 1
    assert request.number == f"2026-1112-{before + 1:04d}"


def test_planning_makes_no_day_that_is_there_already(loaded, db):
    before = Activity.objects.count()

    assert make_all_days(TODAY) <= 2  # a holiday may have pushed one day of the last month ahead
    assert Activity.objects.count() - before <= 2


# --- The accounts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("username", "role", "area"),
    [
        ("office", Role.OFFICE, "平城区"),
        ("station", Role.STATION, "新旺街道"),
        ("deputy", Role.DEPUTY, "新旺街道"),
        ("unit", Role.UNIT, "平城区"),
        ("auditor", Role.AUDITOR, "平城区"),
        ("admin", Role.ADMIN, "平城区"),
        ("office-city", Role.OFFICE, "大同市"),
        ("station-other", Role.STATION, "西坪镇"),
    ],
)
def test_each_account_signs_in_and_has_its_post(loaded, db, username, role, area):
    _, printed = loaded
    user = authenticate(RequestFactory().post("/login/"), username=username, password=password_in(printed))

    assert user is not None
    assert not user.password_is_due
    assert user.posts.current(TODAY).filter(role=role, area__name=area).exists()
    assert username in printed


def test_the_head_of_the_station_is_deputy_as_well(loaded, db):
    user = User.objects.get(username="station")

    assert {post.role for post in user.posts.current(TODAY)} == {Role.STATION, Role.DEPUTY}
    assert user.deputy.name == user.name == "王丽"


def test_today_the_station_receives_people(loaded, db):
    post = Post.objects.get(user__username="station", role=Role.STATION)
    activity = Activity.objects.visible_to(post).get(day=TODAY)

    assert activity.state == ActivityState.OPEN
    assert sorted(activity.attendances.values_list("mandate__deputy__name", flat=True)) == [
        "张建国",
        "李秀英",
        "赵明",
    ]
    visits = activity.visits.order_by("serial")
    assert [visit.serial for visit in visits] == list(range(1, 13))
    assert visits.last().visitor.name == "周桂兰"
    assert visits.filter(outcome=Visit.Outcome.DISPATCH).count() == 7


def test_some_requests_are_put_together_as_themes_and_others_wait_to_be_found(loaded, db):
    themes = list(Theme.objects.all())
    assert len({theme.title for theme in themes}) == len(themes) >= 4
    for theme in themes:
        assert theme.requests.count() >= 3
        assert theme.lead_words
        assert AuditEntry.objects.of(theme).filter(action="suggestions.theme.enter").exists()
    office = Post.objects.get(user__username="office")
    assert groups(office, TODAY, policy_for(office.area, TODAY))


def test_the_deputy_has_days_ahead_or_today(loaded, db):
    post = Post.objects.get(user__username="deputy")

    assert Attendance.objects.visible_to(post).filter(activity__day__gte=TODAY).exists()


def test_there_are_days_behind_today_and_ahead(loaded, db):
    days = Activity.objects.receptions()

    assert days.closed().filter(day__year=2026).exists()
    assert days.filter(day__gt=TODAY, state=ActivityState.ANNOUNCED).exists()
    assert days.filter(day__gt=TODAY, state=ActivityState.PLANNED).exists()
    assert days.filter(state=ActivityState.CANCELLED).exclude(reason="").exists()


def test_the_station_has_an_appointment_in_each_state_and_the_deputy_one_to_answer(loaded, db):
    station = Post.objects.get(user__username="station", role=Role.STATION)
    deputy = Post.objects.get(user__username="deputy")
    mine = Appointment.objects.visible_to(station)

    assert set(mine.values_list("state", flat=True)) == set(Appointment.State.values)
    assert mine.late(TODAY).exists()
    assert Appointment.objects.visible_to(deputy).to_answer().exists()
    assert mine.confirmed().filter(activity__day=TODAY).exists()
    assert Appointment.objects.exclude(mandate=None).exclude(state__in=("HELD", "DECLINED")).count() == len(
        [row for row in Appointment.objects.exclude(mandate=None).exclude(state__in=("HELD", "DECLINED"))
         if not why_not_with(row.mandate, row.station, TODAY)]
    )  # fmt: skip
    numbers = list(Appointment.objects.order_by("created_at", "pk").values_list("number", flat=True))
    assert numbers == sorted(numbers)
    assert AuditEntry.objects.filter(action="visits.appointment.enter", actor="本人").exists()


def test_every_open_site_has_a_code_that_opens_its_page_and_some_were_read(loaded, db, client):
    open_now = Station.objects.open(TODAY)
    assert QrToken.objects.leading_home().filter(station__in=open_now).count() == open_now.count()
    token = QrToken.objects.select_related("station").filter(station__kind="MAILBOX").first()
    assert client.get(f"/q/{token.token}/")["Location"] == f"/stations/{token.station.code}/"
    assert QrToken.objects.with_scans().filter(scanned__gt=20).exists()
    words = Notice.objects.filter(kind="FIRST").values_list("text", flat=True)
    assert words
    assert all("定于" in text for text in words)


def test_papers_are_numbered_without_gaps_and_the_next_one_goes_on(loaded, db):
    series = {}
    for one in Document.objects.filter(area__code="140213000000"):
        series.setdefault(one.kind, []).append(one.serial)
    assert {kind: sorted(serials) for kind, serials in series.items()} == {
        kind: list(range(1, len(serials) + 1)) for kind, serials in series.items()
    }
    assert series.keys() == {"ORDER", "URGE", "REPLY", "OPINION", "S_ORDER", "S_REPLY", "S_OPIN"}
    waiting = Order.objects.filter(documents=None, area__path__startswith="140213", state="ISSUED")
    waiting = waiting.exclude(request=None).first()
    office = Post.objects.filter(user__username="office", role=Role.OFFICE).first()
    serial = Document.objects.issue(waiting, PAPERS["order"], by=office).serial
    assert serial == max(series["ORDER"]) + 1


def test_ten_of_twelve_livelihood_projects_were_chosen_and_go_on_through_the_year(loaded, db):
    ballot = Ballot.objects.get()
    lines = ballot.lines.select_related("project")
    got = {line.project: Votes(line.yes, line.no, line.abstained) for line in lines}
    assert (len(got), lines.filter(result="CHOSEN").count(), ballot.faults(got)) == (12, 10, [])

    states = set(Project.objects.values_list("state", flat=True))
    assert states == {"CANDIDATE", "NOT_CHOSEN", "UNDER_WAY", "DONE", "CHECKED"}
    assert Project.objects.late(TODAY).exists()
    assert Project.objects.filter(number="MS2027-003").exists()


def test_stations_report_each_month_and_three_bulletins_were_issued_of_it(loaded, db):
    assert set(NewsItem.objects.values_list("state", flat=True)) == set(NewsState) - {NewsState.DROPPED}
    published = NewsItem.objects.public()
    assert {9, 10} <= {item.happened_on.month for item in published}
    assert all(not personal_data(item, item.title, item.text) for item in published)
    assert not NewsItem.objects.filter(published_on__gt=TODAY).exists()
    assert not published.filter(published_on__lt=F("happened_on")).exists()
    issued = list(Bulletin.objects.public().order_by("number"))
    assert [str(one) for one in issued] == [f"联络动态 第 {number} 期" for number in (11, 12, 13)]
    for one in issued:
        assert one.file("pdf").content()
        assert one.file("docx").content()
        assert one.items.exists()
    draft = Bulletin.objects.get(state="DRAFT")
    office = Post.objects.get(user__username="office")
    assert draft.candidates().exists()
    with transaction.atomic():
        draft.issue(by=office, issued_on=timezone.localdate())
        assert draft.number == 14
        transaction.set_rollback(True)


def test_suggestions_stand_in_every_state_and_go_on_from_there(loaded, db):
    assert set(Suggestion.objects.values_list("state", flat=True)) == set(SuggestionState)
    office = Post.objects.get(user__username="office")
    with transaction.atomic():
        Suggestion.objects.filter(state=SuggestionState.SUBMITTED).first().accept(by=office)
        Suggestion.objects.filter(state=SuggestionState.COUNTERSIGN).first().countersign(by=office)
        transaction.set_rollback(True)
