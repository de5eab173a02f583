"""民生实事: what a government proposes to do for the people in a year, what the congress chose of it, how it goes on.

Deputies vote by ballot. A project is chosen with more votes than policy asks for (more than half of all deputies), the
one with more votes first, as many as were to be chosen. Those with equal votes at the last place are voted on again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from deputies.contacts.models import Leader
from deputies.models import DeputyGroup
from liaison.accounts.models import Area, Post, Role
from liaison.core.models import OutboxMessage
from liaison.core.models import Sequence as Series
from liaison.core.places import InArea, inside
from liaison.core.policy import policy_for
from liaison.core.workflow import Moving, NotAllowed, Step, Voidable, step
from suggestions.models.department import Department


class ProjectState(models.TextChoices):
    CANDIDATE = "CANDIDATE", "候选项目"
    DROPPED = "DROPPED", "不再列入"
    CHOSEN = "CHOSEN", "票决确定"
    NOT_CHOSEN = "NOT_CHOSEN", "没有选上"
    UNDER_WAY = "UNDER_WAY", "实施中"
    DONE = "DONE", "已完工"
    CHECKED = "CHECKED", "已检查"


_S = ProjectState
_OFFICE, _DOERS = (Role.OFFICE,), (Role.UNIT, Role.OFFICE)
VOTED_IN = (_S.CHOSEN, _S.UNDER_WAY, _S.DONE, _S.CHECKED)
TO_BE_DONE = (_S.CHOSEN, _S.UNDER_WAY)

# fmt: off
PROJECT_FLOW: dict[str, Step] = {
    # step           what it is            who              from                        to
    "drop":      Step("不再列入",          _OFFICE,         (_S.CANDIDATE,),            _S.DROPPED),
    "choose":    Step("票决确定",          (),              (_S.CANDIDATE,),            _S.CHOSEN),
    "pass_over": Step("没有选上",          (),              (_S.CANDIDATE,),            _S.NOT_CHOSEN),
    "reopen":    Step("重新列为候选",      (),              (_S.CHOSEN, _S.NOT_CHOSEN), _S.CANDIDATE),
    "start":     Step("开工",              _DOERS,          (_S.CHOSEN,),               _S.UNDER_WAY),
    "report":    Step("登记进展",          _DOERS,          (_S.UNDER_WAY,),            None),
    "finish":    Step("登记完工",          _DOERS,          (_S.UNDER_WAY,),            _S.DONE),
    "send_back": Step("退回继续办",        _OFFICE,         (_S.DONE,),                 _S.UNDER_WAY),
    "trio":      Step("落实三个一",        _OFFICE,         (*TO_BE_DONE, _S.DONE),     None),
    "replan":    Step("调整计划",          _OFFICE,         TO_BE_DONE,                 None),
    "comment":   Step("写监督意见",        (Role.DEPUTY,),  VOTED_IN,                   None),
    "review":    Step("登记年度检查",      _OFFICE,         (_S.UNDER_WAY,),            None),
    "inspect":   Step("检查并办结",        _OFFICE,         (_S.DONE,),                 _S.CHECKED),
}
# fmt: on


def of_congress(post: Post | None) -> Q:
    """What is put before the congresses that `post` has to do with: an office's area; a deputy's, and those above."""
    match post.role if post else None:
        case Role.OFFICE | Role.AUDITOR:
            return inside(post.area)  # type: ignore[union-attr]
        case Role.DEPUTY:
            return inside(post.area) | Q(area_path__in=post.area.path_and_above)  # type: ignore[union-attr]
        case _:
            return Q(pk__in=())


def _late(on: date) -> Q:
    """As `Project.is_late` says it of one."""
    return Q(done_on__gt=F("planned_on")) | _overdue(on)


def _overdue(on: date) -> Q:
    return Q(done_on=None, state__in=TO_BE_DONE, planned_on__lt=on)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, post: Post | None) -> "ProjectQuerySet":
        """Offices and auditors: those of the area. Deputies: those they vote on and watch. A department: its own."""
        if post is not None and post.role == Role.UNIT:
            own = Department.objects.of(post, timezone.localdate()).values("pk")
            return self.filter(department__in=own).exclude(state=ProjectState.DROPPED)
        seen = self.filter(of_congress(post))
        return (
            seen.exclude(state=ProjectState.DROPPED)
            if post is not None and post.role == Role.DEPUTY
            else seen
        )

    def public(self) -> "ProjectQuerySet":
        """What a congress has chosen is for everybody to read."""
        return self.filter(state__in=VOTED_IN)

    def candidates(self, area: Area, year: int) -> "ProjectQuerySet":
        return self.filter(area=area, year=year, state=ProjectState.CANDIDATE)

    def late(self, on: date) -> "ProjectQuerySet":
        """Not finished by the planned day, or finished after it."""
        return self.filter(_late(on))

    def overdue(self, on: date) -> "ProjectQuerySet":
        """Past the planned day and still not finished."""
        return self.filter(_overdue(on))

    def figures(self, on: date) -> dict[str, Any]:
        """What they come to, in one statement: how many, done, late, and the budget in 万元."""
        return self.aggregate(
            total=Count("pk"),
            done=Count("pk", filter=Q(state__in=(ProjectState.DONE, ProjectState.CHECKED))),
            late=Count("pk", filter=_late(on)),
            budget=Sum("budget", default=Decimal(0)),
        )

    def with_trio(self, there: bool) -> "ProjectQuerySet":
        """Those voted in that have their vice-chair, committee and group (三个一), or those that do not yet."""
        whole = Q(chair__isnull=False, group__isnull=False) & ~Q(committee="")
        return self.filter(whole if there else ~whole, state__in=(*TO_BE_DONE, ProjectState.DONE))


class Project(InArea, Moving):
    """One livelihood project. `area` is that of the congress that votes on it; the budget is in 万元 (10,000 yuan)."""

    State = ProjectState
    FLOW = PROJECT_FLOW

    number = models.CharField("编号", max_length=20, unique=True, editable=False)
    year = models.PositiveSmallIntegerField(
        "年度", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    title = models.CharField("名称", max_length=60)
    what = models.TextField("建设内容和目标")
    budget = models.DecimalField(
        "预算（万元）",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="projects", verbose_name="责任单位"
    )
    place = models.CharField("地点", max_length=100, blank=True)
    source = models.CharField(
        "项目来源", max_length=200, blank=True, help_text="如：群众诉求、共性问题、代表建议的编号和件数"
    )
    planned_on = models.DateField("计划完工日期")
    chair = models.ForeignKey(
        Leader, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="领衔的副主任"
    )
    committee = models.CharField("负责的委员会", max_length=40, blank=True, editable=False)
    group = models.ForeignKey(
        DeputyGroup, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="代表监督小组"
    )
    percent = models.PositiveSmallIntegerField("完成百分比", default=0, editable=False)
    started_on = models.DateField("开工日期", null=True, editable=False)
    reported_on = models.DateField("最近一次进展", null=True, editable=False)
    done_on = models.DateField("完工日期", null=True, editable=False)
    state = models.CharField(
        "状态", max_length=10, choices=ProjectState.choices, default=ProjectState.CANDIDATE, editable=False
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "民生实事项目"
        constraints = [
            models.UniqueConstraint(
                fields=["area", "year", "title"],
                name="project_title_once_a_year",
                violation_error_message="这个年度已经有同名的项目，请换一个名称。",
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="project_percent_is_at_most_100"),
        ]
        indexes = [
            models.Index(fields=["area_path", "-year", "-id"], name="projects_of_an_area"),
            models.Index(fields=["department", "-year"], name="projects_of_a_department"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/projects/{self.pk}/"

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "Project":
        """Its number is the year and a serial of the year: MS2026-012."""
        with transaction.atomic(savepoint=False):
            self.number = f"MS{self.year}-{Series.objects.next(f'project:{self.year}'):03d}"
            return super().enter(by=by, note=note, data=data)

    def is_late(self, today: date) -> bool:
        """Not finished by the planned day, or finished after it."""
        if self.done_on:
            return self.done_on > self.planned_on
        return self.state in TO_BE_DONE and today > self.planned_on

    @property
    def has_trio(self) -> bool:
        return bool(self.chair_id and self.committee and self.group_id)

    def plan(self, *, by: Post, version: int | None = None, **fields: Any) -> bool:
        """Correct a candidate. After the vote what was voted on stands; then only its plan moves (`replan`)."""
        with transaction.atomic():
            now = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
            if now.state != ProjectState.CANDIDATE:
                raise NotAllowed(f"“{self}”现在是“{now.get_state_display()}”，内容不能再改。")
            return self.amend(by=by, version=version, **fields)

    # --- Steps: one for each row of PROJECT_FLOW ---

    def refusal(self, name: str, by: Post) -> str:
        if refusal := super().refusal(name, by):
            return refusal
        if (
            by.role == Role.UNIT
            and not Department.objects.of(by, timezone.localdate()).filter(pk=self.department_id).exists()
        ):
            return "这个项目不是您单位的。"
        return ""

    @step
    def drop(self, *, by: Post, note: str) -> None:
        if not note:
            raise NotAllowed("请写明为什么不再列入。")

    @step
    def choose(self, *, by: Post | None, note: str) -> Callable[[], None]:
        return lambda: self.tell_department("已由代表票决确定，请按计划实施，登记进展。", "chosen")

    @step
    def pass_over(self, *, by: Post | None, note: str) -> None:
        """Not chosen by the vote."""

    @step
    def reopen(self, *, by: Post | None, note: str) -> None:
        """The ballot that decided about it was voided."""

    @step
    def start(self, *, by: Post, note: str, day: date) -> None:
        self._refuse_unless_past(day)
        if (voted := self.voted_on()) and day < voted:
            raise NotAllowed(f"{voted:%-m月%-d日}才票决，开工日期不能早于这一天。")
        self.started_on = day

    @step
    def report(self, *, by: Post, note: str, day: date, percent: int, text: str) -> Callable[[], Any]:
        """How far it has come on a day. Only the office may set the percentage lower than it was."""
        self._refuse_unless_past(day)
        self._refuse_before_start(day)
        if self.reported_on and day < self.reported_on:
            raise NotAllowed(f"最近一次进展是{self.reported_on:%-m月%-d日}的，日期不能更早。")
        if percent < self.percent and by.role != Role.OFFICE:
            raise NotAllowed(f"上次登记的是 {self.percent}%，不能更低。上次写错了，请和人大机关联系更正。")
        if percent >= 100:
            raise NotAllowed("全部完成的，请用“登记完工”。")
        self.percent, self.reported_on = percent, day
        return lambda: self._note(by, day, percent, text)

    @step
    def finish(self, *, by: Post, note: str, day: date, text: str) -> Callable[[], Any]:
        self._refuse_unless_past(day)
        self._refuse_before_start(day)
        self.percent, self.reported_on, self.done_on = 100, max(day, self.reported_on or day), day
        return lambda: self._note(by, day, 100, text)

    @step
    def send_back(self, *, by: Post, note: str) -> Callable[[], None]:
        """It is not finished after all: as far as it was reported to have come before that."""
        if not note:
            raise NotAllowed("请写明还差什么。")
        before = self.progress.filter(percent__lt=100).order_by("-day", "-pk")
        self.done_on, self.percent = None, before.values_list("percent", flat=True).first() or 0
        return lambda: self.tell_department("退回继续办，请看说明。", f"sent-back:{self.version}")

    @step
    def trio(self, *, by: Post, note: str, chair: Leader, committee: str, group: DeputyGroup) -> None:
        """三个一: one vice-chair, one committee and one group of deputies watch over it."""
        self.chair, self.committee, self.group = chair, committee, group

    @step
    def replan(self, *, by: Post, note: str, planned_on: date, budget: Decimal | None = None) -> None:
        if not note:
            raise NotAllowed("请写明为什么调整，依据是什么。")
        self.planned_on, self.budget = planned_on, budget

    @step
    def comment(self, *, by: Post, note: str) -> Callable[[], None]:
        """What a deputy found on the spot: it stands in the record, and the department hears of it."""
        if not note:
            raise NotAllowed("请写意见。")
        return lambda: self.tell_department("代表写了监督意见。", f"comment:{self.version}", kind="INFO")

    @step
    def review(
        self, *, by: Post, note: str, year: int, satisfied: int, fairly: int, unsatisfied: int, finding: str
    ) -> Callable[[], Any]:
        """The check of a year in which it was not finished."""
        return self._checked(by, year, (satisfied, fairly, unsatisfied), finding)

    @step
    def inspect(
        self, *, by: Post, note: str, year: int, satisfied: int, fairly: int, unsatisfied: int, finding: str
    ) -> Callable[[], Any]:
        """The check of what was finished; with it the project ends."""
        return self._checked(by, year, (satisfied, fairly, unsatisfied), finding)

    def _checked(self, by: Post, year: int, marks: tuple[int, int, int], finding: str) -> Callable[[], Any]:
        if not self.year <= year <= timezone.localdate().year:
            raise NotAllowed(f"检查年度应在 {self.year} 年到今年之间。")
        if self.checks.filter(year=year).exists():
            raise NotAllowed(f"{year}年已经检查过，不能重复登记。")
        satisfied, fairly, unsatisfied = marks
        found = ProjectCheck(
            project=self,
            year=year,
            on=timezone.localdate(),
            satisfied=satisfied,
            fairly=fairly,
            unsatisfied=unsatisfied,
            finding=finding,
            by=by,
        )
        return found.save

    def _refuse_unless_past(self, day: date) -> None:
        if day > timezone.localdate():
            raise NotAllowed("日期不能晚于今天。")

    def _refuse_before_start(self, day: date) -> None:
        if self.started_on and day < self.started_on:
            raise NotAllowed(f"{self.started_on:%-m月%-d日}才开工，日期不能早于这一天。")

    def _note(self, by: Post, day: date, percent: int, text: str) -> None:
        ProjectProgress.objects.create(project=self, day=day, percent=percent, text=text, by=by)

    def voted_on(self) -> date | None:
        """The day of the ballot that chose it."""
        lines = self.ballot_lines.filter(ballot__voided_at=None, result=BallotLine.Result.CHOSEN)
        return lines.values_list("ballot__day", flat=True).first()

    def tell_department(self, text: str, what: str, kind: str = "TODO") -> None:
        """A notice to all who act for the department now."""
        staff = self.department.staff.current(timezone.localdate()).select_related("post__user")
        for one in staff:
            OutboxMessage.objects.put(
                key=f"project:{self.number}:{what}:{one.post.user_id}",
                to=one.post.user,
                kind=kind,
                text=f"民生实事“{self.title}”：{text}",
                url=self.get_absolute_url(),
            )


class ProjectProgressQuerySet(models.QuerySet["ProjectProgress"]):
    def visible_to(self, post: Post | None) -> "ProjectProgressQuerySet":
        return self.filter(project__in=Project.objects.visible_to(post).values("pk"))


class ProjectProgress(models.Model):
    """How far a project had come on a day. Its photos are attachments of this row."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="progress")
    day = models.DateField("日期")
    percent = models.PositiveSmallIntegerField("完成百分比")
    text = models.TextField("进展")
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProjectProgressQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目进展"
        indexes = [models.Index(fields=["project", "-day", "-id"], name="progress_of_a_project")]

    def __str__(self) -> str:
        return f"{self.project}{self.day:%-m月%-d日}的进展"

    @property
    def area_path(self) -> str:
        return self.project.area_path


class ProjectCheck(models.Model):
    """年度检查: what was found in a year, and how many of those asked were content."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="checks")
    year = models.PositiveSmallIntegerField("检查年度")
    on = models.DateField("登记日期")
    satisfied = models.PositiveIntegerField("满意")
    fairly = models.PositiveIntegerField("基本满意")
    unsatisfied = models.PositiveIntegerField("不满意")
    finding = models.TextField("检查情况")
    by = models.ForeignKey(Post, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "年度检查"
        constraints = [models.UniqueConstraint(fields=["project", "year"], name="one_check_a_year")]

    def __str__(self) -> str:
        return f"{self.project} {self.year}年检查"

    @property
    def asked(self) -> int:
        return self.satisfied + self.fairly + self.unsatisfied

    @property
    def content(self) -> int:
        """Satisfied or fairly so, of a hundred who were asked."""
        return round((self.satisfied + self.fairly) * 100 / self.asked) if self.asked else 0


# --- The vote ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Votes:
    """What one project got."""

    yes: int
    no: int
    abstained: int


class BallotQuerySet(models.QuerySet["Ballot"]):
    def visible_to(self, post: Post | None) -> "BallotQuerySet":
        return self.filter(of_congress(post))

    def standing(self) -> "BallotQuerySet":
        return self.filter(voided_at=None)


class Ballot(InArea, Voidable):
    """票决: one vote of a congress on projects of a year, as it was counted."""

    year = models.PositiveSmallIntegerField("项目年度")
    session = models.CharField("会议名称", max_length=60)
    day = models.DateField("表决日期")
    entitled = models.PositiveIntegerField("应到代表（全体代表）")
    present = models.PositiveIntegerField("实到代表")
    issued = models.PositiveIntegerField("发出票数")
    returned = models.PositiveIntegerField("收回票数")
    valid = models.PositiveIntegerField("有效票数")
    places = models.PositiveSmallIntegerField("应选项目数")
    percent = models.PositiveSmallIntegerField("赞成票要超过全体代表的百分之几", editable=False)

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "票决"
        constraints = [
            models.CheckConstraint(
                condition=Q(present__lte=F("entitled"))
                & Q(issued__lte=F("present"))
                & Q(returned__lte=F("issued"))
                & Q(valid__lte=F("returned")),
                name="ballots_are_no_more_than_deputies",
            )
        ]
        indexes = [models.Index(fields=["area_path", "-day", "-id"], name="ballots_of_an_area")]

    def __str__(self) -> str:
        return f"{self.session}民生实事票决"

    def get_absolute_url(self) -> str:
        return f"/projects/ballots/{self.pk}/"

    @property
    def needed(self) -> int:
        """So many votes at least are more than `percent` of all deputies."""
        return self.entitled * self.percent // 100 + 1

    def faults(self, votes: Mapping[Project, Votes]) -> list[str]:
        """Which numbers cannot be, in sentences. Counted, and written down wrongly, is what they mostly are."""
        found = []
        if self.day > timezone.localdate():
            found.append("表决日期不能晚于今天。")
        if self.present > self.entitled:
            found.append(f"实到 {self.present} 人，多于全体代表 {self.entitled} 人，请核对。")
        elif self.present * 3 < self.entitled * 2:  # 地方组织法第十四条
            found.append(f"实到 {self.present} 人，不到全体代表 {self.entitled} 人的三分之二，会议不能举行。")
        if self.issued > self.present:
            found.append(f"发出 {self.issued} 张票，多于实到的 {self.present} 人，请核对。")
        if self.returned > self.issued:
            found.append(
                f"收回 {self.returned} 张票，多于发出的 {self.issued} 张，这次表决无效，应重新表决。"
            )
        if self.valid > self.returned:
            found.append(f"有效票 {self.valid} 张，多于收回的 {self.returned} 张，请核对。")
        if not 1 <= self.places <= len(votes):
            found.append(f"参加票决的项目有 {len(votes)} 个，应选项目数应在 1 到 {len(votes)} 之间。")
        for project, got in votes.items():
            total = got.yes + got.no + got.abstained
            if total != self.valid:
                found.append(
                    f"“{project}”赞成、反对、弃权合计 {total} 票，应等于有效票 {self.valid} 票，请核对。"
                )
        return found

    def declare(self, votes: Mapping[Project, Votes], *, by: Post) -> "Ballot":
        """Enter the count, and move the projects as it says. Raises NotAllowed where a number cannot be."""
        with transaction.atomic():
            self.percent = policy_for(self.area, self.day).project_votes_percent
            if faults := self.faults(votes):
                raise NotAllowed(faults[0])
            self.enter(by=by)
            lines = [
                BallotLine(ballot=self, project=project, yes=got.yes, no=got.no, abstained=got.abstained)
                for project, got in votes.items()
            ]
            self.decide(lines)
            BallotLine.objects.bulk_create(lines)
            for line in sorted(lines, key=lambda line: line.project_id):  # locks in one order
                if line.result == BallotLine.Result.CHOSEN:
                    line.project.choose(by=by, note=f"{line.yes} 票赞成", follows=True)
                elif line.result == BallotLine.Result.NOT_CHOSEN:
                    line.project.pass_over(by=by, note=f"{line.yes} 票赞成", follows=True)
        return self

    def decide(self, lines: "Sequence[BallotLine]") -> None:
        """More votes than asked for, the most first, as many as are to be chosen; equal at the last place: again."""
        passed = sorted((line for line in lines if line.yes >= self.needed), key=lambda line: -line.yes)
        last = passed[self.places - 1].yes if len(passed) > self.places else 0
        equal = [line for line in passed if line.yes == last]
        tied = len(passed) > self.places and sum(line.yes >= last for line in passed) > self.places
        for line in lines:
            line.result = BallotLine.Result.NOT_CHOSEN
        for line in passed:
            if line in equal and tied:
                line.result = BallotLine.Result.TIED
            elif line.yes >= last:
                line.result = BallotLine.Result.CHOSEN

    def void(self, *, by: Post, note: str, version: int | None = None) -> None:
        """The count was written down wrongly: its projects are candidates again, and it is entered anew."""
        with transaction.atomic():
            super().void(by=by, note=note, version=version)
            decided = self.lines.exclude(result=BallotLine.Result.TIED).select_related("project")
            for line in decided.order_by("project_id"):
                if line.project.state not in (ProjectState.CHOSEN, ProjectState.NOT_CHOSEN):
                    raise NotAllowed(
                        f"“{line.project}”现在是“{line.project.get_state_display()}”，这次票决不能作废。"
                    )
                line.project.reopen(by=by, note="票决结果作废，重新登记", follows=True)

    def restore(self, *, by: Post, note: str = "", version: int | None = None) -> None:
        raise NotAllowed("作废的票决不能恢复，请重新登记。")


class BallotLineQuerySet(models.QuerySet["BallotLine"]):
    def in_order(self) -> "BallotLineQuerySet":
        return self.order_by("-yes", "project__number")


class BallotLine(models.Model):
    """What one project got in a ballot, and what that means for it."""

    class Result(models.TextChoices):
        CHOSEN = "CHOSEN", "确定"
        NOT_CHOSEN = "NOT", "没有选上"
        TIED = "TIED", "票数相同，再次表决"

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="lines")
    project = models.ForeignKey(Project, models.PROTECT, related_name="ballot_lines")
    yes = models.PositiveIntegerField("赞成")
    no = models.PositiveIntegerField("反对")
    abstained = models.PositiveIntegerField("弃权")
    result = models.CharField("结果", max_length=6, choices=Result.choices)

    objects = BallotLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "票决的项目"
        constraints = [
            models.UniqueConstraint(fields=["ballot", "project"], name="a_project_is_voted_on_once_a_ballot")
        ]

    def __str__(self) -> str:
        return f"{self.project}：{self.yes} 票赞成"
