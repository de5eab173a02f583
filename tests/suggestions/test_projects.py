"""民生实事: who proposes, how a vote is counted and what it does, who enters progress, what everybody may read."""

import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from deputies.models import Leader
from liaison.accounts.models import Role
from liaison.core.models import Attachment, AuditEntry, OutboxMessage, PolicyVersion
from liaison.core.workflow import NotAllowed
from suggestions.models import Ballot, Project
from suggestions.projects import papers
from suggestions.projects.models import PROJECT_FLOW, ProjectState, Votes
from tests import factories as f

TODAY = timezone.localdate()
YEAR = TODAY.year
COUNTED = {"entitled": 150, "present": 140, "issued": 140, "returned": 139, "valid": 138, "places": 2}


@pytest.fixture
def water(people):
    """水务局 of the county; `people.unit` acts for it."""
    bureau = f.DepartmentFactory(area=people.county, name="平城区水务局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    return bureau


@pytest.fixture
def project(people, water):
    return f.ProjectFactory(area=people.county, department=water, title="老旧小区供水改造")


def candidates(people, water, number=4):
    return [f.ProjectFactory(area=people.county, department=water, title=f"{n}号项目") for n in range(number)]


def vote(people, *yes, projects, **other):
    """A ballot in which each project got so many votes for it; the rest against."""
    numbers = COUNTED | other
    ballot = Ballot(area=people.county, year=YEAR, session="区人代会", day=TODAY, **numbers)
    votes = {one: Votes(got, numbers["valid"] - got, 0) for one, got in zip(projects, yes, strict=True)}
    return ballot.declare(votes, by=people.office)


def states(*projects):
    return [Project.objects.get(pk=one.pk).state for one in projects]


# --- Steps --------------------------------------------------------------------------------------------------------------


def needed(name, people, project):
    leader = Leader.objects.create(
        area=people.county, rank="CHAIR", name="赵主任", duty="副主任", from_on=f.LONG_AGO
    )
    return {
        "start": {"day": TODAY},
        "report": {"day": TODAY, "percent": 40, "text": "管沟开挖过半。"},
        "finish": {"day": TODAY, "text": "全部通水。"},
        "trio": {"chair": leader, "committee": "城建环保工委", "group": f.GroupFactory(area=people.county)},
        "replan": {"planned_on": TODAY + timedelta(days=200)},
        "review": {"year": YEAR, "satisfied": 8, "fairly": 1, "unsatisfied": 1, "finding": "进度正常。"},
        "inspect": {"year": YEAR, "satisfied": 8, "fairly": 1, "unsatisfied": 1, "finding": "水压够了。"},
    }.get(name, {})


@pytest.mark.once  # a table in memory; what locks do is asked of both
@pytest.mark.parametrize("state", ProjectState.values)
def test_a_project_moves_as_its_table_says_and_no_other_way(people, water, state):
    def there():
        return f.ProjectFactory(area=people.county, department=water, state=state)

    untouched = there()
    for role in [role for role in Role.values if role != Role.ADMIN]:
        post = getattr(people, role.lower())
        allowed = {name for name, row in PROJECT_FLOW.items() if role in row.roles and state in row.sources}
        assert set(untouched.open_steps(post)) == allowed
        for name in PROJECT_FLOW.keys() - allowed:
            with pytest.raises(NotAllowed, match=PROJECT_FLOW[name].label):
                getattr(untouched, name)(by=post, note="经研究")
        for name in allowed:
            project = there()
            getattr(project, name)(by=post, note="经研究", **needed(name, people, project))
            assert states(project) == [PROJECT_FLOW[name].target or state]
            assert AuditEntry.objects.of(project).filter(action=f"suggestions.project.{name}").exists()
    assert states(untouched) == [state]


@pytest.mark.once
def test_a_department_enters_progress_of_its_own_projects_and_sees_no_others(people, water, project, as_):
    Project.objects.update(state="UNDER_WAY", started_on=TODAY - timedelta(days=30))
    other = f.ProjectFactory(area=people.county, department=f.DepartmentFactory(area=people.county))
    unit = as_(people.unit)

    assert unit.get(f"/projects/{other.pk}/").status_code == 404
    assert other.title not in unit.get("/projects/").content.decode()
    foreign = f.ProjectFactory(area=people.county, department=other.department, state="CHOSEN")
    with pytest.raises(NotAllowed, match="不是您单位的"):
        foreign.start(by=people.unit, day=TODAY)

    sent = {"day": TODAY, "percent": "35", "text": "主管网完成七公里。", "version": "1"}
    assert unit.post(f"/projects/{project.pk}/steps/report/", sent).status_code == 302
    page = unit.get(f"/projects/{project.pk}/").content.decode()
    assert "主管网完成七公里。" in page
    assert "完成 <strong>35%</strong>" in page

    lower = unit.post(f"/projects/{project.pk}/steps/report/", sent | {"percent": "20", "version": "2"})
    assert lower.status_code == 409
    assert "上次登记的是 35%" in lower.content.decode()
    assert "主管网完成七公里。" in lower.content.decode()


@pytest.mark.once
@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"day": TODAY + timedelta(days=1), "percent": 5}, "不能晚于今天"),
        ({"day": TODAY - timedelta(days=40), "percent": 5}, "才开工"),
        ({"day": TODAY, "percent": 100}, "登记完工"),
    ],
)
def test_progress_that_cannot_be_is_refused_in_words(people, project, more, told):
    Project.objects.update(state="UNDER_WAY", started_on=TODAY - timedelta(days=30))
    project.refresh_from_db()

    with pytest.raises(NotAllowed, match=told):
        project.report(by=people.unit, text="开挖", **more)


@pytest.mark.once
def test_a_photo_of_the_progress_is_for_those_who_see_the_project(people, project, as_, picture):
    project.progress.create(day=TODAY, percent=10, text="开挖", by=people.unit)
    Project.objects.update(state="UNDER_WAY", reported_on=TODAY)
    unit = as_(people.unit)

    assert unit.post(f"/projects/{project.pk}/photos/", {"photo": picture}).status_code == 302
    url = f"/files/{Attachment.objects.get().key}/"
    assert [as_(getattr(people, who)).get(url).status_code for who in ("unit", "deputy", "station", "office_other")] == [
        200, 200, 404, 404,
    ]  # fmt: skip

    key = Attachment.objects.get().key
    assert unit.post(f"/projects/{project.pk}/photos/{key}/withdraw/").status_code == 302
    assert unit.get(url).status_code == 404


@pytest.fixture
def picture():
    from PIL import Image  # slow to import

    out = BytesIO()
    Image.new("RGB", (20, 10), "white").save(out, "PNG")
    return SimpleUploadedFile("工地.png", out.getvalue())


def test_late_is_what_is_past_its_planned_day(people, project):
    Project.objects.update(state="UNDER_WAY", planned_on=TODAY - timedelta(days=1))
    project.refresh_from_db()

    assert project.is_late(TODAY)
    assert list(Project.objects.late(TODAY)) == [project]
    project.replan(by=people.office, planned_on=TODAY, note="雨季停工，经主任会议同意")
    assert not Project.objects.late(TODAY).exists()


def test_late_is_one_thing_on_the_list_in_its_figures_and_by_its_filter(people, project, water, as_):
    day = timedelta(days=1)
    done = {"state": "CHECKED", "started_on": TODAY - 40 * day, "budget": "12.50", "department": water}
    at = {"area": people.county, "planned_on": TODAY - 9 * day}
    late = f.ProjectFactory(**at, **done, done_on=TODAY - 8 * day, title="晚了一天")
    f.ProjectFactory(**at, **done, done_on=TODAY - 9 * day, title="按时")
    f.ProjectFactory(**at, department=water, state="CHOSEN", title="还没有完工")
    client = as_(people.office)

    assert Project.objects.get(pk=late.pk).is_late(TODAY)
    page = client.get("/projects/", {"late": "true"})
    assert {row.title for row in page.context["page"].rows} == {"晚了一天", "还没有完工"}
    assert [row.title for row in client.get("/projects/", {"late": "open"}).context["page"].rows] == [
        "还没有完工"
    ]
    assert client.get("/projects/").context["figures"] == {
        "total": 3, "done": 2, "late": 2, "budget": Decimal(25)
    }  # fmt: skip


def test_what_is_sent_back_goes_on_from_where_it_was(people, project):
    Project.objects.update(state="UNDER_WAY", started_on=TODAY)
    project.refresh_from_db()
    project.report(by=people.unit, day=TODAY, percent=70, text="还有一段。")
    project.finish(by=people.unit, day=TODAY, text="全部通水。")
    project.send_back(by=people.office, note="两个小区没有通水")
    project.report(by=people.unit, day=TODAY, percent=80, text="又一个小区通水。")
    assert Project.objects.get(pk=project.pk).percent == 80


@pytest.mark.once
def test_the_export_names_the_last_count_and_the_budget_as_a_number(people, water, as_):
    from openpyxl import load_workbook

    clear, *equal = candidates(people, water, 3)
    Project.objects.filter(pk=clear.pk).update(budget=0)
    vote(people, 120, 100, 100, projects=(clear, *equal))
    vote(people, 90, 95, projects=equal, places=1)
    got = as_(people.office).post("/exports/projects/", {"csrfmiddlewaretoken": "x"}, follow=True)
    headings, *rows = load_workbook(BytesIO(b"".join(got))).active.iter_rows(min_row=3, values_only=True)
    found = {row["名称"]: row for row in (dict(zip(headings, row, strict=True)) for row in rows)}
    assert {name: row["赞成票"] for name, row in found.items()} == {
        clear.title: 120, equal[0].title: 90, equal[1].title: 95
    }  # fmt: skip
    assert [found[one.title]["预算（万元）"] for one in (clear, equal[0])] == [0, None]


def test_a_year_is_checked_once(people, project):
    Project.objects.update(state="UNDER_WAY")
    project.refresh_from_db()
    found = needed("review", people, project)
    project.review(by=people.office, **found)

    with pytest.raises(NotAllowed, match="已经检查过"):
        project.review(by=people.office, **found)
    assert project.checks.get().content == 90


# --- The vote -----------------------------------------------------------------------------------------------------------


def test_more_than_half_of_all_deputies_and_the_most_votes_first(people, water):
    """Of 150 deputies 76 are more than half; 75 are not, however many were there."""
    a, b, c, d = candidates(people, water)
    ballot = vote(people, 100, 138, 75, 76, projects=(a, b, c, d))

    assert ballot.needed == 76
    assert states(a, b, c, d) == ["CHOSEN", "CHOSEN", "NOT_CHOSEN", "NOT_CHOSEN"]
    assert OutboxMessage.objects.filter(to=people.unit.user).count() == 2


def test_fewer_than_are_to_be_chosen_where_fewer_pass(people, water):
    a, b = candidates(people, water, 2)
    vote(people, 80, 40, projects=(a, b))

    assert states(a, b) == ["CHOSEN", "NOT_CHOSEN"]


def test_policy_may_ask_for_more_than_half(people, water):
    PolicyVersion.objects.create(
        area=people.county, first_on=f.LONG_AGO, values={"project_votes_percent": 66}
    )
    a, b = candidates(people, water, 2)
    vote(people, 99, 100, projects=(a, b))

    assert states(a, b) == ["NOT_CHOSEN", "CHOSEN"]


def test_equal_votes_at_the_last_place_are_voted_on_again(people, water):
    a, b, c, d = candidates(people, water)
    vote(people, 130, 90, 90, 80, projects=(a, b, c, d))
    assert states(a, b, c, d) == ["CHOSEN", "CANDIDATE", "CANDIDATE", "NOT_CHOSEN"]

    vote(people, 77, 61, projects=(b, c), places=1)
    assert states(b, c) == ["CHOSEN", "NOT_CHOSEN"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"present": 151}, "多于全体代表"),
        ({"entitled": 10**12}, "100000"),
        ({"present": 99, "issued": 99, "returned": 99, "valid": 99}, "三分之二"),
        ({"issued": 141}, "多于实到"),
        ({"returned": 141}, "表决无效"),
        ({"valid": 140}, "多于收回"),
        ({"places": 0}, "应选项目数"),
        ({"places": 3}, "应选项目数"),
        ({"day": TODAY + timedelta(days=1)}, "不能晚于今天"),
        ({"first": 139}, "合计 \\d+ 票，应等于有效票"),
    ],
)
def test_numbers_that_cannot_be_are_refused_in_words_and_nothing_moves(people, water, as_, wrong, told):
    projects = candidates(people, water, 2)
    numbers = COUNTED | {"day": TODAY, "session": "区人代会"} | wrong
    got = [numbers.pop("first", 70), 70]
    for one, yes in zip(projects, got, strict=True):
        numbers |= {
            f"yes_{one.pk}": yes,
            f"no_{one.pk}": numbers["valid"] - 70,
            f"abstained_{one.pk}": 0,
        }
    answer = as_(people.office).post(f"/projects/ballots/new/?year={YEAR}", numbers)

    assert answer.status_code == 422
    assert re.search(told, answer.content.decode())
    assert states(*projects) == ["CANDIDATE", "CANDIDATE"]
    assert not Ballot.objects.exists()


@pytest.mark.once
def test_the_office_enters_a_count_on_one_page_and_prints_it(people, water, as_, monkeypatch):
    projects = candidates(people, water, 2)
    numbers = COUNTED | {"day": TODAY, "session": "区人代会"}
    for one in projects:
        numbers |= {f"yes_{one.pk}": 100, f"no_{one.pk}": 30, f"abstained_{one.pk}": 8}
    office = as_(people.office)
    answer = office.post(f"/projects/ballots/new/?year={YEAR}", numbers)
    ballot = Ballot.objects.get()
    assert answer.url == ballot.get_absolute_url()
    assert (
        office.post(f"/projects/ballots/new/?year={YEAR}", numbers).status_code == 409
    )  # no candidates left

    drawn = {}
    monkeypatch.setattr(papers, "paper", lambda name, context: drawn.update(context) or b"%PDF-")
    assert as_(people.deputy).get(f"/projects/ballots/{ballot.pk}/result.pdf").content == b"%PDF-"
    assert [line.yes for line in drawn["chosen"]] == [100, 100]


def test_a_count_written_down_wrongly_is_voided_until_work_begins(people, water):
    a, b = candidates(people, water, 2)
    ballot = vote(people, 100, 40, projects=(a, b))
    ballot.void(by=people.office, note="票数抄错")
    assert states(a, b) == ["CANDIDATE", "CANDIDATE"]

    again = vote(people, 40, 100, projects=(a, b))
    Project.objects.get(pk=b.pk).start(by=people.unit, day=TODAY)
    with pytest.raises(NotAllowed, match="不能作废"):
        again.void(by=people.office, note="又抄错")
    assert Ballot.objects.standing().get() == again


def test_what_was_voted_on_is_not_rewritten(people, water, project, as_):
    vote(people, 100, projects=(project,), places=1)

    assert as_(people.office).get(f"/projects/{project.pk}/edit/").status_code == 409
    with pytest.raises(NotAllowed, match="内容不能再改"):
        project.plan(by=people.office, title="另一个项目")


# --- Everybody ----------------------------------------------------------------------------------------------------------


@pytest.mark.once
def test_everybody_reads_what_was_chosen_and_nothing_else(people, project, client, water):
    hidden = f.ProjectFactory(area=people.county, department=water, title="没有选上的")
    vote(people, 100, 10, projects=(project, hidden), places=1)
    project.refresh_from_db()
    project.start(by=people.unit, day=TODAY)
    project.report(by=people.unit, day=TODAY, percent=15, text="管材进场。")
    project.comment(by=people.deputy, note="路面没有恢复")

    page = client.get("/projects/").content.decode()
    assert project.title in page
    assert hidden.title not in page
    one = client.get(f"/projects/{project.pk}/").content.decode()
    assert "管材进场。" in one
    assert "路面没有恢复" not in one
    assert client.get(f"/projects/{hidden.pk}/").status_code == 404


@pytest.mark.once
def test_programs_read_projects_and_take_their_steps(people, project, as_, django_assert_max_num_queries):
    vote(people, 100, projects=(project,), places=1)
    unit = as_(people.unit)
    answer = unit.post(
        f"/api/v1/projects/{project.pk}/steps/start/",
        {"day": TODAY.isoformat()},
        content_type="application/json",
    )
    assert answer.json()["state"] == "UNDER_WAY"
    assert unit.get("/api/v1/ballots/").json()["results"] == []
    for _ in range(3):
        f.ProjectFactory(area=people.county, department=project.department)
    office = as_(people.office)
    with django_assert_max_num_queries(9):
        assert len(office.get("/api/v1/projects/").json()["results"]) == 4
    with django_assert_max_num_queries(14):
        office.get("/projects/")


@pytest.mark.django_db(transaction=True)
def test_of_two_counts_entered_at_once_one_stands(people, water, several_threads):
    projects = candidates(people, water, 2)

    def enter():
        return vote(people, 100, 90, projects=[Project.objects.get(pk=one.pk) for one in projects])

    assert {type(one) for one in several_threads(enter, enter)} == {Ballot, NotAllowed}
    assert Ballot.objects.count() == 1
    assert states(*projects) == ["CHOSEN", "CHOSEN"]
