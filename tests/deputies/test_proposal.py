"""The assignment proposal as staff meet it: made for an area and a day, looked through, adjusted, applied, taken back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deputies.models import AssignmentProposal, Level, Mandate, ProposalRow, StationAssignment
from liaison.accounts.models import Area
from liaison.core.jobs import work
from liaison.core.models import AuditEntry, Job
from liaison.core.workflow import NotAllowed
from stations.models import Station
from tests import factories as f

TODAY = timezone.localdate
EAST = Decimal("113.300000")


def place(station, longitude, latitude="40.070000"):
    station.longitude, station.latitude = Decimal(longitude), Decimal(latitude)
    station.save()
    return station


def mandate(area, level=Level.COUNTY, station=None, from_on=f.LONG_AGO, **fields):
    congress = f.CongressFactory(name=f"{level}大会", level=level)
    made = f.MandateFactory(area=area, term__congress=congress, **fields)
    if station:
        f.AssignmentFactory(mandate=made, station=station, from_on=from_on)
    return made


@pytest.fixture
def town(people):
    """The county with places: two sites in the first township, one eight kilometres off in the second."""
    StationAssignment.objects.all().delete()
    Mandate.objects.all().delete()
    place(people.own, "113.300000")
    place(people.child, "113.301000")
    place(people.sibling, "113.396000")
    return people


def propose(people, area=None, **fields):
    start = {"area": area or people.county, "on": TODAY() + timedelta(days=7), "least": 0, "most": 9}
    return AssignmentProposal(**start | fields).propose(by=people.office)


def where(made):
    row = ProposalRow.objects.get(mandate=made)
    return row.station, row.get_change_display(), row.reason


# --- What is proposed ---------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_who_is_far_off_goes_near_and_the_reason_tells_both_ways(town):
    far = mandate(town.town, station=town.sibling)
    propose(town, mix=0)

    station, change, reason = where(far)
    assert (station, change) in {(town.own, "调整"), (town.child, "调整")}
    assert reason.startswith("就近：距离从 8.1 公里减到 0.0 公里")


@pytest.mark.once
def test_who_has_no_station_gets_one(town):
    nobody = mandate(town.town)
    propose(town)

    station, change, reason = where(nobody)
    assert change == "新编入"
    assert station.area == town.town
    assert reason.startswith("原来没有编组；距离 0.0 公里")


@pytest.mark.once
def test_who_sits_well_stays(town):
    seats = [mandate(town.town, station=town.own), mandate(town.town, station=town.child)]
    proposal = propose(town)

    assert {where(seat)[1] for seat in seats} == {"不动"}
    assert proposal.figures["changes"] == {"MOVE": 0, "NEW": 0, "KEEP": 2, "NONE": 0}
    with pytest.raises(NotAllowed, match="没有要调整的代表"):
        proposal.apply(by=town.office)


def test_a_closed_site_is_left_and_never_proposed(town):
    left = mandate(town.town, station=town.child)
    Station.objects.filter(pk=town.child.pk).update(closed_on=TODAY() + timedelta(days=3))
    propose(town)

    station, change, reason = where(left)
    assert (station, change) == (town.own, "调整")
    assert reason.startswith("原站")
    assert "停用" in reason


def test_a_suspended_site_keeps_its_deputies_and_gets_no_others(town):
    Station.objects.filter(pk=town.child.pk).update(suspended_on=TODAY())
    there, new = mandate(town.town, station=town.child), mandate(town.town)
    propose(town)

    assert where(there)[:2] == (town.child, "不动")
    assert where(new)[:2] == (town.own, "新编入")


@pytest.mark.once
def test_a_site_without_coordinates_counts_as_the_middle_of_its_township(town):
    Station.objects.filter(pk=town.child.pk).update(longitude=None, latitude=None)
    seat = mandate(town.town, station=town.child)
    proposal = propose(town)

    assert proposal.figures["sites_without_point"] == 1
    assert ProposalRow.objects.get(mandate=seat).metres_after == 0


@pytest.mark.once
def test_each_site_gets_deputies_of_the_levels_that_there_are(town):
    for _ in range(2):
        mandate(town.county, Level.CITY, station=town.own)
        mandate(town.town, Level.COUNTY, station=town.own)
    proposal = propose(town, area=town.town)  # the township alone: those of the county are not its own

    assert proposal.figures["mandates"] == 2
    proposal = propose(town)
    mixed = {
        (row.station.code, row.mandate.level) for row in proposal.rows.select_related("station", "mandate")
    }
    assert {("PC01", "COUNTY"), ("PC0101", "COUNTY")} <= mixed
    assert len([1 for _, level in mixed if level == "CITY"]) == 2
    assert "补齐市级代表：新站原来没有" in "".join(proposal.rows.values_list("reason", flat=True))
    before, after = proposal.figures["before"], proposal.figures["after"]
    assert (before["levels"], before["empty"]) == (0.67, 2)
    assert after["levels"] > before["levels"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("several", "编在几个站点"),
        ("suspended", "暂停执行职务"),
        ("leaving", "离站"),
        ("just_come", "刚编入"),
        ("home", "编在代表之家"),
    ],
)
def test_some_are_left_alone_and_it_says_why(town, case, why):
    day = TODAY() + timedelta(days=7)
    seat = mandate(town.town, station=town.sibling)
    kept = StationAssignment.objects.filter(mandate=seat)
    match case:
        case "several":
            f.AssignmentFactory(mandate=seat, station=town.own)
        case "suspended":
            Mandate.objects.filter(pk=seat.pk).update(suspended_on=TODAY())
        case "leaving":
            kept.update(to_on=day + timedelta(days=2))
        case "just_come":
            kept.update(from_on=day)
        case "home":
            Station.objects.filter(pk=town.sibling.pk).update(kind="HOME")
    propose(town)

    assert where(seat)[1] == "不动"
    assert why in where(seat)[2]


def test_mandates_of_other_areas_are_no_part_of_it_but_their_place_counts(town):
    guest = mandate(town.other.area, station=town.own)
    away = mandate(town.town, station=town.other)
    seat = mandate(town.town)
    Station.objects.filter(pk=town.child.pk).update(closed_on=TODAY())
    proposal = propose(town, most=1)

    assert not proposal.rows.filter(mandate__in=[guest, away]).exists()
    assert where(seat)[0] == town.sibling  # the near one is full with the guest


@pytest.mark.once
def test_an_area_without_room_is_refused_in_words(town):
    for _ in range(4):
        mandate(town.town)
    with pytest.raises(NotAllowed, match="平城区有 4 职要编组，3 个站点每站至多 1 职放不下"):
        propose(town, most=1)
    Station.objects.update(closed_on=TODAY())
    with pytest.raises(NotAllowed, match="没有开放的联络站"):
        propose(town)


@pytest.mark.once
def test_it_takes_the_same_number_of_statements_however_many_there_are(town, django_assert_max_num_queries):
    for _ in range(30):
        mandate(town.town)
    with django_assert_max_num_queries(16):
        propose(town, most=40)


# --- Adjusting ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(town):
    """Three to be moved near, one to be assigned."""
    for name in ("张三", "李四", "王五"):
        mandate(town.town, station=town.sibling, deputy__name=name)
    mandate(town.town, deputy__name="赵六")
    return propose(town, mix=0)


@pytest.mark.once
def test_staff_keep_one_and_send_another_elsewhere(draft, town, as_):
    office = as_(town.office)
    first, second, third = draft.rows.filter(change="MOVE").order_by("pk")
    page = f"/deputies/proposals/rows/{first.pk}/"

    answer = office.post(page, {"choice": "keep", "version": draft.version}, follow=True)
    assert "不动，北关街道联络站" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.figures["changes"] == {"MOVE": 2, "NEW": 1, "KEEP": 1, "NONE": 0}
    assert draft.figures["adjusted"] == 1

    answer = office.post(
        f"/deputies/proposals/rows/{second.pk}/",
        {"choice": "other", "station": "PC0101", "version": draft.version},
    )
    assert answer.status_code == 302
    second.refresh_from_db()
    assert (second.station, second.reason) == (town.child, "人工决定：距离从 8.1 公里减到 0.0 公里")
    assert AuditEntry.objects.of(draft).filter(action__endswith=".adjust").count() == 2

    stale = office.post(f"/deputies/proposals/rows/{third.pk}/", {"choice": "keep", "version": draft.version})
    assert stale.status_code == 409
    assert "改过这条记录" in stale.content.decode()


@pytest.mark.once
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"choice": "other"}, "请选择站点"),
        ({"choice": "other", "station": "YZ01"}, "没有找到站点"),
        ({}, "请选择"),
    ],
)
def test_a_decision_that_says_nothing_is_asked_again(draft, town, as_, sent, said):
    row = draft.rows.filter(change="MOVE").first()
    answer = as_(town.office).post(f"/deputies/proposals/rows/{row.pk}/", sent | {"version": draft.version})

    assert answer.status_code == 422
    assert said in answer.content.decode()


# --- Applying and taking back -------------------------------------------------------------------------------------------


def present(on):
    rows = StationAssignment.objects.current(on).select_related("mandate__deputy", "station")
    return {row.mandate.deputy.name: row.station.code for row in rows}


def test_it_is_applied_as_one_dated_change_with_an_entry_for_each(draft, town):
    before = present(TODAY())
    entries = AuditEntry.objects.count()
    StationAssignment.objects.update(resident=True)
    draft.apply(by=town.office, note="主任会议通过")

    assert present(draft.on - timedelta(days=1)) == before
    after = present(draft.on)
    assert after.keys() == {"张三", "李四", "王五", "赵六"}
    assert set(after.values()) <= {"PC01", "PC0101"}
    assert AuditEntry.objects.count() == entries + 3 + 4 + 1  # ended, begun, and the proposal itself
    ended = AuditEntry.objects.filter(action="deputies.stationassignment.end").first()
    assert ended.note == "主任会议通过"
    assert ended.data == {"to_on": [None, str(draft.on - timedelta(days=1))]}
    assert StationAssignment.objects.filter(from_on=draft.on, resident=True).count() == 3
    assert draft.state == "APPLIED"


def test_it_is_taken_back_as_another_dated_change(draft, town):
    before = present(TODAY())
    draft.apply(by=town.office)
    back = draft.on + timedelta(days=3)
    draft.take_back(by=town.office, on=back, note="选区调整")

    assert present(back) == before
    assert len(present(back - timedelta(days=1))) == 4
    assert (draft.state, draft.back_on) == ("TAKEN_BACK", back)


def test_it_is_not_taken_back_where_somebody_was_moved_since(draft, town):
    draft.apply(by=town.office)
    row = draft.rows.filter(change="NEW").get()
    row.made.end(draft.on + timedelta(days=1), by=town.office)

    with pytest.raises(NotAllowed, match="赵六在执行以后又变动过编组，不能整体撤回"):
        draft.take_back(by=town.office, on=draft.on + timedelta(days=5))
    draft.refresh_from_db()
    assert draft.state == "APPLIED"


def test_who_left_office_since_stays_out_when_it_is_taken_back(draft, town):
    draft.apply(by=town.office)
    gone = Mandate.objects.get(deputy__name="张三")
    gone.end(draft.on + timedelta(days=1), "RESIGNED", by=town.office)
    draft.take_back(by=town.office, on=draft.on + timedelta(days=5))

    assert present(draft.on + timedelta(days=5)).keys() == {"李四", "王五"}


def test_whose_site_has_closed_since_stays_at_the_new_one_when_it_is_taken_back(draft, town):
    draft.apply(by=town.office)
    back = draft.on + timedelta(days=5)
    old = dict.fromkeys(draft.rows.filter(change="MOVE").values_list("mandate__deputy__name", flat=True))
    new = present(draft.on)
    Station.objects.filter(pk=town.sibling.pk).update(closed_on=back)
    draft.take_back(by=town.office, on=back)
    assert present(back) == {name: new[name] for name in old}, "who had no station before has none again"

    draft.refresh_from_db()
    assert draft.state == "TAKEN_BACK"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("assigned", "赵六在方案提出后又变动过编组。请把这几行改成保留原站"),
        ("ended", "张三已不在任或暂停执行职务"),
        ("shut", "那天没有开放"),
        ("past", "编组要从今天或以后开始"),
    ],
)
def test_a_proposal_that_was_overtaken_is_not_applied(draft, town, what, said):
    on = None
    match what:
        case "assigned":
            f.AssignmentFactory(mandate=Mandate.objects.get(deputy__name="赵六"), station=town.sibling)
        case "ended":
            Mandate.objects.get(deputy__name="张三").end(TODAY(), "RESIGNED", by=town.office)
        case "shut":
            Station.objects.filter(area=town.town).update(closed_on=TODAY())
        case "past":
            on = TODAY() - timedelta(days=1)
    rows = set(StationAssignment.objects.values_list("pk", "to_on"))
    with pytest.raises(NotAllowed, match=said):
        draft.apply(by=town.office, on=on)

    assert set(StationAssignment.objects.values_list("pk", "to_on")) == rows
    assert AssignmentProposal.objects.get().state == "DRAFT"


def test_taking_back_comes_after_the_day_it_began(draft, town):
    draft.apply(by=town.office)
    with pytest.raises(NotAllowed, match="撤回要晚于这一天"):
        draft.take_back(by=town.office, on=draft.on)


@pytest.mark.once
@pytest.mark.parametrize(
    ("state", "open_steps"),
    [("DRAFT", ["apply", "drop"]), ("APPLIED", ["take_back"]), ("TAKEN_BACK", []), ("DROPPED", [])],
)
def test_each_state_has_its_steps_for_the_office_alone(town, state, open_steps):
    proposal = f.ProposalFactory(area=town.county, state=state)

    assert list(proposal.open_steps(town.office)) == open_steps
    assert not proposal.open_steps(town.auditor)
    for name in proposal.FLOW.keys() - set(open_steps):
        with pytest.raises(NotAllowed):
            getattr(proposal, name)(by=town.office)


def test_of_two_who_apply_at_once_one_succeeds(several_threads):
    from tests.conftest import build_people

    town = build_people()
    StationAssignment.objects.all().delete()
    Mandate.objects.all().delete()
    mandate(town.town)
    made = propose(town)
    results = several_threads(
        *[lambda: AssignmentProposal.objects.get(pk=made.pk).apply(by=town.office, version=made.version)] * 2
    )

    assert sorted(type(result).__name__ for result in results) in (
        ["NoneType", "NotAllowed"],
        ["NoneType", "Stale"],
    )
    assert StationAssignment.objects.count() == 1


# --- Pages and REST -----------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_the_office_proposes_looks_and_applies(town, as_):
    mandate(town.town, station=town.sibling, deputy__name="张三")
    mandate(town.county, Level.CITY, deputy__name="钱七")
    office = as_(town.office)

    page = office.get("/deputies/proposals/new/").content.decode()
    assert "平城区（140213000000）" in page or 'value="140213000000"' in page
    sent = {
        "area": "140213",
        "on": str(TODAY() + timedelta(days=1)),
        "least": 1,
        "most": 5,
        "threshold": "1",
        "mix": "3",
    }
    page = office.post("/deputies/proposals/new/", sent | {"idem": "once"}, follow=True).content.decode()
    for said in ("前后对比", "张三", "8.1 → 0.0 公里", "1 职由全县或更大范围选出", "执行方案"):
        assert said in page
    proposal = AssignmentProposal.objects.get()
    office.post("/deputies/proposals/new/", sent | {"idem": "once"})
    assert AssignmentProposal.objects.count() == 1

    page = office.post(
        f"/deputies/proposals/{proposal.pk}/steps/apply/",
        {"version": proposal.version, "on": sent["on"]},
        follow=True,
    ).content.decode()
    assert "已执行，调整了 2 职的编组" in page
    assert "撤回执行" in page


@pytest.mark.once
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"on": "2020-01-01"}, "今天或以后"),
        ({"least": 9}, "“至多”不能少于“至少”"),
        ({"threshold": "-1"}, "大于或等于"),
        ({"mix": "51"}, "小于或等于"),
        ({"area": "140215"}, "没有找到区划"),
        ({"most": ""}, "请填写"),
    ],
)
def test_wrong_input_is_told_in_words_and_stays(town, as_, changed, said):
    sent = {
        "area": "140213",
        "on": str(TODAY() + timedelta(days=1)),
        "least": 1,
        "most": 5,
        "threshold": "1",
        "mix": "3",
    }
    answer = as_(town.office).post("/deputies/proposals/new/", sent | changed)

    assert answer.status_code == 422
    assert said in answer.content.decode()


@pytest.mark.once
def test_rows_are_narrowed_and_cost_no_query_each(draft, town, as_, django_assert_max_num_queries):
    office = as_(town.office)
    with django_assert_max_num_queries(16):
        page = office.get(f"/deputies/proposals/{draft.pk}/").content.decode()
    assert page.count("的编组</span>") == 4
    page = office.get(f"/deputies/proposals/{draft.pk}/?change=NEW").content.decode()
    assert "赵六" in page
    assert "张三" not in page
    assert "没有符合条件的代表" in office.get(f"/deputies/proposals/{draft.pk}/?level=CITY").content.decode()
    page = office.get(f"/deputies/proposals/{draft.pk}/?station=PC02").content.decode()
    assert "张三" in page
    assert "赵六" not in page


@pytest.mark.once
def test_rest_tells_the_same(draft, town, as_):
    office = as_(town.office)
    told = office.get(f"/api/v1/proposals/{draft.pk}/").json()
    assert told["figures"]["changes"]["MOVE"] == 3
    assert told["steps"] == {"apply": "执行方案", "drop": "放弃方案"}
    rows = office.get(f"/api/v1/proposals/{draft.pk}/rows/?change=MOVE").json()["results"]
    assert {row["origin"] for row in rows} == {"PC02"}
    assert {row["deputy_name"] for row in rows} == {"张三", "李四", "王五"}
    done = office.post(
        f"/api/v1/proposals/{draft.pk}/steps/apply/",
        {"version": draft.version, "on": str(draft.on)},
        content_type="application/json",
    )
    assert done.json()["state"] == "APPLIED"
    made = office.post(
        "/api/v1/proposals/",
        {"area": "140213", "on": str(draft.on), "least": 0, "most": 9, "threshold": 1, "mix": 0},
        content_type="application/json",
    )
    assert (made.status_code, made.json()["figures"]["mandates"]) == (201, 4)


@pytest.mark.once
def test_the_usual_load_is_one_that_fits(town):
    for _ in range(20):
        mandate(town.town)
    least, most = AssignmentProposal.usual_load(town.county, date.today())

    assert (least, most) == (2, 10)
    assert Area.objects.get(pk=town.county.pk).level == "COUNTY"
    propose(town, least=least, most=most)


@pytest.mark.once
def test_a_long_one_is_computed_in_the_background_and_once(town, as_, monkeypatch):
    monkeypatch.setattr("deputies.proposals.models.AT_ONCE", 1)
    for _ in range(2):
        mandate(town.town)
    sent = {
        "area": "140213",
        "on": str(TODAY() + timedelta(days=1)),
        "least": 1,
        "most": 5,
        "threshold": "1",
        "mix": "3",
    }
    answer = as_(town.office).post("/deputies/proposals/new/", sent)
    job = Job.objects.get()
    assert answer["Location"] == job.get_absolute_url()
    assert not AssignmentProposal.objects.exists()

    program = as_(town.office).post("/api/v1/proposals/", sent, content_type="application/json")
    assert (program.status_code, program.json()["id"]) == (202, job.pk), (
        "the same, asked again while it waits"
    )

    assert work() == 1
    job.refresh_from_db()
    proposal = AssignmentProposal.objects.get()
    assert job.text.startswith(f"{proposal}：调整 0 职，新编入 2 职")
    Job.objects.update(state="QUEUED")
    assert work() == 1
    assert AssignmentProposal.objects.get() == proposal


@pytest.mark.once
def test_a_job_without_room_says_so(town, as_, monkeypatch):
    monkeypatch.setattr("deputies.proposals.models.AT_ONCE", 1)
    for _ in range(4):
        mandate(town.town)
    sent = {
        "area": "140213",
        "on": str(TODAY() + timedelta(days=1)),
        "least": 1,
        "most": 1,
        "threshold": "1",
        "mix": "3",
    }
    as_(town.office).post("/deputies/proposals/new/", sent)
    work()

    job = Job.objects.get()
    assert (job.state, "每站至多 1 职放不下" in job.text) == ("FAILED", True)
    assert not AssignmentProposal.objects.exists()


@pytest.mark.once
def test_what_the_page_shows_is_had_as_a_workbook(draft, town, as_):
    from io import BytesIO

    from openpyxl import load_workbook

    def rows(browser, **sent):
        answer = browser.post("/exports/proposal/", sent, follow=True)
        sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
        return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]

    page = as_(town.office).get(f"/deputies/proposals/{draft.pk}/").content.decode()
    assert f'name="proposal" value="{draft.pk}"' in page
    made = rows(as_(town.office), proposal=draft.pk)
    assert {row[0] for row in made} == {"张三", "李四", "王五", "赵六"}
    assert made[0][4] == "PC02"
    assert made[0][8:10] == [8.1, 0.0]
    assert [row[0] for row in rows(as_(town.auditor), proposal=draft.pk, change="NEW")] == ["赵六"]
    assert rows(as_(town.office)) == []
    assert rows(as_(town.office_other), proposal=draft.pk) == []
    assert as_(town.station).post("/exports/proposal/", {"proposal": draft.pk}).status_code == 403


@pytest.mark.once
def test_applying_and_taking_back_take_no_statement_for_each_mandate(town, django_assert_max_num_queries):
    group = f.GroupFactory(area=town.town)
    for _ in range(30):
        mandate(town.town, station=town.sibling)
    StationAssignment.objects.update(group=group)
    proposal = propose(town, most=40)
    with django_assert_max_num_queries(22):
        proposal.apply(by=town.office)
    assert StationAssignment.objects.filter(from_on=proposal.on, group=group).count() == 30
    with django_assert_max_num_queries(22):
        proposal.take_back(by=town.office)
    assert StationAssignment.objects.filter(from_on=proposal.back_on, group=group).count() == 30
