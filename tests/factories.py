"""Things for tests: dull defaults, so that what a test says is what matters."""

from datetime import date, time, timedelta
from io import BytesIO

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from deputies.models import (
    AssignmentProposal,
    Congress,
    Deputy,
    DeputyGroup,
    Level,
    Mandate,
    StationAssignment,
    Term,
)
from liaison.accounts.models import Area, Post, Role, User
from liaison.bulletin.models import Bulletin, NewsItem
from liaison.core.models import Attachment
from liaison.exchange.models import Upload
from liaison.reports.models import ReportSchedule, Seal, StationDocument, SuperiorForm
from stations.models import Station, StationStaff
from suggestions.models import (
    Department,
    DepartmentStaff,
    Draft,
    DraftArticle,
    DraftStation,
    Opinion,
    Order,
    Project,
    Request,
    Signer,
    Suggestion,
    SuggestionItem,
    Theme,
)
from visits.models import (
    Activity,
    Applicant,
    Appointment,
    Attendance,
    Category,
    ReceptionRule,
    Visit,
    Visitor,
)
from visits.workflow import ActivityState

PASSWORD = "Beimen-7421-hu"
LONG_AGO = date(2020, 1, 1)


def area(code: str, name: str) -> Area:
    """An area and its parents, made as far as they are missing. Codes may be short: "1402"."""
    code = code.ljust(12, "0")
    path = Area.path_of(code)
    parent = None
    for length in (2, 4, 6, 9):
        if length < len(path):
            upper = path[:length].ljust(12, "0")
            parent = Area.objects.filter(code=upper).first() or area(upper, f"上级{path[:length]}")
    found, _ = Area.objects.update_or_create(
        code=code,
        defaults={
            "path": path,
            "name": name,
            "full_name": name,
            "parent": parent,
            "level": Area.LEVEL_BY_PATH_LENGTH[len(path)],
        },
    )
    return found


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"用户{n}")
    must_change_password = False
    password_changed_at = factory.LazyFunction(timezone.now)
    # A cheap hash: no test is about Argon2 but those that sign in, and they set their own password.
    password = "!unusable"


class PostFactory(DjangoModelFactory):
    class Meta:
        model = Post

    user = factory.SubFactory(UserFactory)
    role = Role.OFFICE
    from_on = LONG_AGO


class StationFactory(DjangoModelFactory):
    class Meta:
        model = Station

    code = factory.Sequence(lambda n: f"T{n:04d}")
    kind = Station.Kind.STATION
    name = factory.Sequence(lambda n: f"第{n}联络站")
    address = "西街1号"
    opened_on = LONG_AGO


class StationStaffFactory(DjangoModelFactory):
    class Meta:
        model = StationStaff

    position = StationStaff.Position.OFFICER
    from_on = LONG_AGO


class CongressFactory(DjangoModelFactory):
    class Meta:
        model = Congress
        django_get_or_create = ("name",)

    level = Level.COUNTY
    name = "测试县人民代表大会"


class TermFactory(DjangoModelFactory):
    class Meta:
        model = Term
        django_get_or_create = ("congress", "number")

    congress = factory.SubFactory(CongressFactory)
    number = 17
    from_on = LONG_AGO


class DeputyFactory(DjangoModelFactory):
    class Meta:
        model = Deputy

    name = factory.Sequence(
        lambda n: "张" + "建国秀英明华丽强军平"[n % 10] + "一二三四五六七八九十"[n // 10 % 10]
    )
    sex = Deputy.Sex.MALE


class MandateFactory(DjangoModelFactory):
    class Meta:
        model = Mandate

    deputy = factory.SubFactory(DeputyFactory)
    term = factory.SubFactory(TermFactory)
    from_on = LONG_AGO


class AssignmentFactory(DjangoModelFactory):
    class Meta:
        model = StationAssignment

    from_on = LONG_AGO


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = DeputyGroup

    kind = DeputyGroup.Kind.MIXED
    name = factory.Sequence(lambda n: f"第{n}代表小组")
    from_on = LONG_AGO


class ProposalFactory(DjangoModelFactory):
    class Meta:
        model = AssignmentProposal

    on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=1))
    least = 1
    most = 10


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("code",)

    code = "01"
    name = "供暖"
    rank = 1
    from_on = LONG_AGO


class RuleFactory(DjangoModelFactory):
    class Meta:
        model = ReceptionRule

    recurrence = "FREQ=MONTHLY;BYMONTHDAY=11"
    first_on = LONG_AGO
    starts_at = time(9)
    ends_at = time(11, 30)


class ActivityFactory(DjangoModelFactory):
    class Meta:
        model = Activity

    class Params:
        announced = factory.Trait(
            state=ActivityState.ANNOUNCED,
            announced_on=factory.SelfAttribute("announce_by"),
            told_day=factory.SelfAttribute("day"),
        )
        open = factory.Trait(state=ActivityState.OPEN)
        closed = factory.Trait(state=ActivityState.CLOSED)
        cancelled = factory.Trait(state=ActivityState.CANCELLED, reason="下雪")

    number = factory.Sequence(lambda n: f"HD-T{n:05d}")
    day = factory.LazyFunction(timezone.localdate)
    starts_at = time(9)
    ends_at = time(11, 30)
    area = factory.SelfAttribute("station.area")
    announce_by = factory.LazyAttribute(lambda activity: activity.day - timedelta(days=3))


class AttendanceFactory(DjangoModelFactory):
    class Meta:
        model = Attendance


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = Visit

    number = factory.Sequence(lambda n: f"JD-T{n:05d}")
    serial = factory.Sequence(lambda n: n + 1)
    station = factory.SelfAttribute("activity.station")
    area = factory.SelfAttribute("station.area")
    day = factory.SelfAttribute("activity.day")
    text = "暖气不热，室温十四度。"
    outcome = Visit.Outcome.NOTED


class VisitorFactory(DjangoModelFactory):
    class Meta:
        model = Visitor

    visit = factory.SubFactory(VisitFactory)
    name = "田秀兰"
    phone = "13900005521"
    address = "火车站社区"


class RequestFactory(DjangoModelFactory):
    class Meta:
        model = Request

    number = factory.Sequence(lambda n: f"2026-T{n:04d}")
    visit = None
    area = factory.SelfAttribute("station.area")
    channel = Visit.Channel.VISIT
    title = "暖气不热"
    text = "暖气不热，室温十四度。"
    received_on = factory.LazyFunction(timezone.localdate)


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    name = factory.Sequence(lambda n: f"第{n}局")


class DepartmentStaffFactory(DjangoModelFactory):
    class Meta:
        model = DepartmentStaff

    from_on = LONG_AGO


class OrderFactory(DjangoModelFactory):
    """An order of today, as `Request.dispatch` and `Suggestion.assign` make it; of one of the two."""

    class Meta:
        model = Order

    class Params:
        case = factory.LazyAttribute(lambda order: order.request or order.suggestion)

    request = None
    suggestion = None
    number = factory.LazyAttribute(lambda order: f"{order.case.number}-{order.case.orders.count() + 1}")
    area = factory.SelfAttribute("case.area")
    share = Order.Share.LEAD
    issued_on = factory.LazyFunction(timezone.localdate)
    accept_by = factory.LazyAttribute(lambda order: order.issued_on + timedelta(days=2))
    days = 15
    due_on = factory.LazyAttribute(lambda order: order.issued_on + timedelta(days=21))
    due_because = "15 个工作日"


class ProjectFactory(DjangoModelFactory):
    """A candidate of this year."""

    class Meta:
        model = Project

    number = factory.Sequence(lambda n: f"MS-T{n:04d}")
    year = factory.LazyFunction(lambda: timezone.localdate().year)
    title = factory.Sequence(lambda n: f"第{n}项实事")
    what = "改造供水管网二十公里。"
    planned_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=100))


class SuggestionFactory(DjangoModelFactory):
    """A suggestion of `lead`, of one item, not published, in whatever state; `cosigners` have confirmed."""

    class Meta:
        model = Suggestion
        skip_postgeneration_save = True

    number = factory.Sequence(lambda n: f"140213-T-{n:04d}")
    term = factory.SelfAttribute("lead.term")
    area = factory.SelfAttribute("term.congress.area")
    title = "关于改造老旧小区供热管网的建议"
    text = "南关街道有六个小区的供热管网用了二十多年。"

    @factory.post_generation
    def cosigners(self, create, mandates, **kwargs):
        SuggestionItem.objects.create(suggestion=self, position=1, text="三年内更换六个小区的供热管网。")
        for mandate in [self.lead, *(mandates or [])]:
            SignerFactory(suggestion=self, mandate=mandate)


class SignerFactory(DjangoModelFactory):
    class Meta:
        model = Signer

    state = Signer.State.CONFIRMED
    asked_on = factory.LazyFunction(timezone.localdate)
    expires_on = factory.LazyAttribute(lambda signer: signer.asked_on + timedelta(days=7))


class StationDocumentFactory(DjangoModelFactory):
    class Meta:
        model = StationDocument

    area = factory.SelfAttribute("station.area")
    kind = StationDocument.Kind.ARCHIVE
    title = "代表履职档案"
    day = factory.LazyFunction(timezone.localdate)


class ThemeFactory(DjangoModelFactory):
    class Meta:
        model = Theme

    title = "暖气不热"


class DraftFactory(DjangoModelFactory):
    """A draft on which opinions are asked now, of two articles, at `stations`."""

    class Meta:
        model = Draft
        skip_postgeneration_save = True

    number = factory.Sequence(lambda n: f"CA-T{n:04d}")
    title = "物业管理条例（草案）"
    issuer = "市人大常委会"
    opens_on = LONG_AGO
    closes_on = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=10))
    state = Draft.State.OPEN

    @factory.post_generation
    def stations(self, create, stations, **kwargs):
        for position, name in enumerate(("第一条", "第二条"), 1):
            DraftArticle.objects.create(draft=self, position=position, name=name, text=f"{name}的条文。")
        for station in stations or []:
            DraftStation.objects.create(draft=self, station=station)


class OpinionFactory(DjangoModelFactory):
    class Meta:
        model = Opinion

    number = factory.Sequence(lambda n: f"YJ-T{n:04d}")
    area = factory.SelfAttribute("station.area")
    day = factory.LazyFunction(timezone.localdate)
    kind = Opinion.Kind.AMEND
    text = "公示应改为每季度一次。"


class NewsItemFactory(DjangoModelFactory):
    """What a station wrote, in whatever state."""

    class Meta:
        model = NewsItem

    class Params:
        published = factory.Trait(state=NewsItem.State.PUBLISHED, published_on=LONG_AGO)

    number = factory.Sequence(lambda n: f"DT-T{n:04d}")
    area = factory.SelfAttribute("station.area")
    title = factory.Sequence(lambda n: f"第{n}次接待日来了23人")
    text = "代表在社区活动室听取居民意见。\n反映最多的是供暖。"
    happened_on = factory.LazyFunction(timezone.localdate)


class BulletinFactory(DjangoModelFactory):
    """A draft of an office, without items."""

    class Meta:
        model = Bulletin

    issuer = "平城区人大常委会代表工作委员会"


class AppointmentFactory(DjangoModelFactory):
    class Meta:
        model = Appointment

    number = factory.Sequence(lambda n: f"YY2026-{n + 1:05d}")
    area = factory.SelfAttribute("station.area")
    wish = "工作日下午"
    subject = "楼道灯坏了两个月，想当面说说。"
    channel = Appointment.Channel.WEB
    answer_by = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=3))
    link_hash = factory.Sequence(lambda n: f"{n:064d}")


class ApplicantFactory(DjangoModelFactory):
    class Meta:
        model = Applicant

    appointment = factory.SubFactory(AppointmentFactory)
    name = "田秀兰"
    phone = "13900005521"
    consent = "2026-11"
    consented_at = factory.LazyFunction(timezone.now)


def upload(post: Post) -> Upload:
    """A workbook that waits to be imported: two visits, one with a phone that is too short."""
    from openpyxl import Workbook

    rows = [
        ["站点编号", "日期", "姓名", "手机", "内容", "处理"],
        ["PC01", "2023-10-11", "田秀兰", "1390000552", "暖气不热。", "现场答复"],
        ["PC01", "2023-10-11", "任秀芳", "13900005522", "路灯不亮。", "登记备查"],
    ]
    out = BytesIO()
    book = Workbook(write_only=True)
    page = book.create_sheet("来访")
    for row in rows:
        page.append(row)
    book.save(out)
    return Upload.objects.keep(SimpleUploadedFile("来访登记.xlsx", out.getvalue()), by=post)


def blank_form(rows: list[list[object]] | None = None) -> SimpleUploadedFile:
    """A superior's blank workbook: a heading over two columns, labels on the left, the rest to be filled."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "月报"
    for row in rows or [
        ["代表工作月报表", None, None, None],
        ["项目", "本月", "本年累计", "合计"],
        ["接待群众（人次）", None, None, "=B3+C3"],
        ["办结（件）", None, None, None],
    ]:
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("月报.xlsx", out.getvalue())


def superior_form(post: Post, area: Area) -> SuperiorForm:
    """A form of a superior that is not mapped yet."""
    form = SuperiorForm(name="代表工作月报表", area=area, by=post).enter(by=post)
    form.amend(by=post, deed="bring", file=Attachment.objects.keep_paper(form, blank_form(), by=post))
    return form


def seal(post: Post, area: Area) -> Seal:
    """A sealed day of an area with nothing in it, put there past all rules."""
    serial = Seal.objects.count() + 1
    return Seal.objects.create(
        area=area, year=2020, serial=serial, number=f"{area.path}-2020-{serial:03}", kind="FREE", first=LONG_AGO,
        last=LONG_AGO, edition=serial, at=timezone.now(), by=post, actor=str(post), figures={}, orders=[], areas=[],
        records={}, dictionary=[], sha256="0" * 64,
    )  # fmt: skip


def schedule(post: Post, area: Area) -> ReportSchedule:
    """A monthly report that has been made for every month up to now."""
    made = ReportSchedule(area=area, kind="MONTHLY", owner=post, done_to=timezone.localdate()).enter(by=post)
    made.recipients.add(post)
    return made
