"""Rules that differ by place: for an area and a day, one value object.

A county inherits from its prefecture and so on; each version has a first day. What was computed under a version can
say which (`Policy.versions`).
"""

from collections.abc import Callable, Iterable
from dataclasses import Field, dataclass, field, fields
from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models

from liaison.accounts.models import Area, Post

from .places import inside


def _rule(default: int | str, label: str, hint: str, most: int) -> Any:
    """`most` is the highest number, or the most characters of a word."""
    return field(default=default, metadata={"label": label, "hint": hint, "most": most})


@dataclass(frozen=True)
class Policy:
    """Every rule with its default. A version changes some; the rest comes from above, at last from here."""

    notice_lead_days: int = _rule(
        3, "公示提前天数", "接待日前至少几天公示（自然日）", most=60
    )  # Guangzhou, Henan, Hubei rules
    plan_ahead_days: int = _rule(60, "自动排期天数", "按接待日规则提前排出多少天的接待日", most=400)
    reminder_days: int = _rule(2, "接待日提醒提前天数", "接待日前几天提醒代表和联络员", most=14)
    close_within_days: int = _rule(3, "接待日办结天数", "接待日后几天内应结束登记，逾期提醒", most=60)
    appointments_an_hour: int = _rule(
        4, "每小时约见人数", "接待日每小时最多约几位群众，时段按此均分；0 表示不按时段约", most=30
    )
    appointment_days_ahead: int = _rule(60, "约见提前天数", "群众最多提前多少天约见", most=366)
    appointment_answer_days: int = _rule(3, "约见答复期限", "收到约见后几个工作日内答复，逾期标明", most=30)
    appointments_a_day: int = _rule(
        3, "每个电话每天约见次数", "同一个电话一天最多在网上提交几次约见", most=50
    )
    appointment_keep_days: int = _rule(365, "约见人信息保留天数", "约见办完多少天后隐去姓名和手机", most=3650)
    receptions_monthly: int = _rule(
        1,
        "每月接待日次数",
        "每个联络站每月至少安排几次接待日，少于这个数的在覆盖情况里列出；0 为不要求",
        most=31,
    )
    fixed_voters_least: int = _rule(5, "固定联系选民最少", "每位代表至少固定联系几位选民", most=50)
    fixed_voters_most: int = _rule(8, "固定联系选民最多", "每位代表最多固定联系几位选民", most=50)
    contact_months: int = _rule(6, "联系间隔月数", "几个月没有联系记录，列入“没有联系的”", most=36)
    voter_keep_days: int = _rule(
        365, "固定联系选民信息保留天数", "联系结束多少天后隐去选民的姓名、手机和住址", most=3650
    )
    contest_days: int = _rule(30, "到会异议天数", "活动结束登记后几天内代表可以对到会记录提异议", most=366)
    duty_size: int = _rule(2, "每次坐班代表人数", "排班建议每次接待日排几位代表", most=20)
    accept_days: int = _rule(2, "接单期限", "派单后几个工作日内接单或申请退回", most=30)
    returns_most: int = _rule(
        2, "退回次数", "一件诉求退回几次以后，再退回要由上一级人大决定", most=10
    )  # CPGRAMS allows three
    reply_days: int = _rule(15, "诉求答复期限", "派单后几个工作日内答复", most=250)
    opinion_days: int = _rule(5, "会办意见期限", "派单后几个工作日内提出会办意见", most=120)
    extension_days: int = _rule(10, "延期天数", "一次最多延长几个工作日", most=120)
    extensions_most: int = _rule(1, "延期次数", "一张派单最多延期几次", most=5)
    rehandle_days: int = _rule(10, "重办期限", "评价不满意后几个工作日内重新办理", most=120)
    rehandle_rounds: int = _rule(1, "自动重办次数", "不满意自动重办几次，以后由人大决定是否再办", most=10)
    feedback_days: int = _rule(3, "告知本人期限", "收到答复后几个工作日内告知反映人", most=30)
    rating_days: int = _rule(15, "等候评价天数", "告知本人后几天没有评价，可以办结", most=365)
    soon_days: int = _rule(3, "快到期天数", "到期前几天列入“快到期”", most=30)
    months_roll: int = _rule(
        1,
        "按月的期限遇节假日顺延",
        "按月计算的期限，最后一天不是工作日：1 顺延到下一个工作日，0 不顺延",
        most=1,
    )  # 民法典 art. 203
    cosign_days: int = _rule(7, "附议确认天数", "发出附议邀请后几天内确认，过期作罢", most=90)
    motion_signers: int = _rule(
        10, "议案联名人数", "县级以上代表提出议案至少几人联名（含领衔代表）", most=100
    )  # 地方组织法: ten above the township, five in it
    motion_signers_township: int = _rule(
        5, "乡镇议案联名人数", "乡镇代表提出议案至少几人联名（含领衔代表）", most=100
    )
    suggestion_assign_days: int = _rule(
        7, "建议交办期限", "收到闭会期间的建议后几个工作日内交办", most=60
    )  # Shanghai: seven; others: five
    suggestion_return_days: int = _rule(
        7, "建议退回期限", "交办后几个工作日内可以申请退回，过期照办", most=60
    )  # Shanghai, Yulin
    suggestion_months: int = _rule(3, "建议答复期限", "交办后几个月内答复", most=12)  # 代表法 art. 51
    suggestion_complex_months: int = _rule(
        6, "疑难建议答复期限", "涉及面广、办理难度大的建议，交办后几个月内答复", most=24
    )  # 代表法 art. 51
    suggestion_opinion_months: int = _rule(1, "建议会办意见期限", "交办后几个月内提出会办意见", most=6)
    suggestion_extension_months: int = _rule(3, "建议延期月数", "建议一次最多延长几个月", most=12)
    suggestion_rehandle_months: int = _rule(1, "建议重办期限", "不满意后几个月内重新答复", most=6)
    class_a: str = _rule("已经解决", "A 类答复的叫法", "问题已经解决或建议已经采纳", most=12)
    class_b: str = _rule("正在解决", "B 类答复的叫法", "正在解决，写明什么时候完成", most=12)
    class_c: str = _rule("列入计划", "C 类答复的叫法", "列入计划逐步解决，写明什么时候完成", most=12)
    class_d: str = _rule("不能解决，已说明原因", "D 类答复的叫法", "不能解决，或留作参考", most=12)
    theme_days: int = _rule(30, "共性问题统计天数", "共性问题每期多少天，和上一期比", most=366)
    theme_least: int = _rule(3, "共性问题提醒件数", "一期里至少几件、又比上期多一倍，才提醒", most=1000)
    quiet_from: int = _rule(
        21, "夜间从几点起", "这个钟点以后不发邮件和短信，站内消息照常；起止相同的，夜间也发", most=24
    )
    quiet_to: int = _rule(7, "夜间到几点止", "这个钟点以后再发夜间积下的邮件和短信", most=24)
    project_votes_percent: int = _rule(
        50, "民生实事票决的门槛", "赞成票要超过全体代表的百分之几，项目才算选上", most=90
    )
    # The ten tasks of a station (the first is receptions_monthly), as Wuxiang county asks of its stations; 0: not asked.
    task_suggestions: int = _rule(
        1, "每月建议件数", "每个联络站每月至少由代表提出几件建议；0 为不要求", most=31
    )
    task_news: int = _rule(1, "每月动态条数", "每个联络站每月至少报送几条动态；0 为不要求", most=31)
    task_trainings: int = _rule(
        1, "每季度学习培训次数", "每个联络站每季度至少组织几次学习培训；0 为不要求", most=31
    )
    task_research: int = _rule(1, "每季度调研次数", "每个联络站每季度至少开展几次调研；0 为不要求", most=31)
    task_livelihood: int = _rule(
        1, "每季度民生实事件数", "每个联络站每季度至少解决几件民生实事；0 为不要求", most=31
    )
    task_research_reports: int = _rule(
        1, "每年调研报告份数", "每个联络站每年至少报送几份调研报告；0 为不要求", most=31
    )
    task_debriefs: int = _rule(
        1, "每年述职评议次数", "每个联络站每年至少组织几次代表述职；0 为不要求", most=31
    )
    task_archives: int = _rule(
        1, "每年履职档案份数", "每个联络站每年至少整理几份履职档案；0 为不要求", most=31
    )
    task_appraisals: int = _rule(
        1, "每年考核评优次数", "每个联络站每年至少开展几次考核评优；0 为不要求", most=31
    )
    # What is asked of a deputy in a year, by level. Xiangtan: four activities and five days in the field of each city deputy,
    # two of each committee member, at least once at the station; Guangzhou: two receptions. 0: not asked.
    quota_receptions_national: int = _rule(
        1, "全国代表每年进站接待次数", "每年至少参加几次接待日；0 为不要求", most=100
    )
    quota_receptions_province: int = _rule(
        1, "省代表每年进站接待次数", "每年至少参加几次接待日；0 为不要求", most=100
    )
    quota_receptions_city: int = _rule(
        1, "市代表每年进站接待次数", "每年至少参加几次接待日；0 为不要求", most=100
    )
    quota_receptions_county: int = _rule(
        2, "县代表每年进站接待次数", "每年至少参加几次接待日；0 为不要求", most=100
    )
    quota_receptions_township: int = _rule(
        2, "乡代表每年进站接待次数", "每年至少参加几次接待日；0 为不要求", most=100
    )
    quota_activities_national: int = _rule(
        0, "全国代表每年参加活动次数", "每年至少参加几次接待日以外的活动；0 为不要求", most=100
    )
    quota_activities_province: int = _rule(
        0, "省代表每年参加活动次数", "每年至少参加几次接待日以外的活动；0 为不要求", most=100
    )
    quota_activities_city: int = _rule(
        4, "市代表每年参加活动次数", "每年至少参加几次接待日以外的活动；0 为不要求", most=100
    )
    quota_activities_county: int = _rule(
        4, "县代表每年参加活动次数", "每年至少参加几次接待日以外的活动；0 为不要求", most=100
    )
    quota_activities_township: int = _rule(
        4, "乡代表每年参加活动次数", "每年至少参加几次接待日以外的活动；0 为不要求", most=100
    )
    quota_days_national: int = _rule(
        0, "全国代表每年调研视察天数", "每年深入基层调研、视察至少几天；0 为不要求", most=100
    )
    quota_days_province: int = _rule(
        0, "省代表每年调研视察天数", "每年深入基层调研、视察至少几天；0 为不要求", most=100
    )
    quota_days_city: int = _rule(
        5, "市代表每年调研视察天数", "每年深入基层调研、视察至少几天；0 为不要求", most=100
    )
    quota_days_county: int = _rule(
        5, "县代表每年调研视察天数", "每年深入基层调研、视察至少几天；0 为不要求", most=100
    )
    quota_days_township: int = _rule(
        5, "乡代表每年调研视察天数", "每年深入基层调研、视察至少几天；0 为不要求", most=100
    )
    quota_suggestions_national: int = _rule(
        0, "全国代表每年领衔建议件数", "每年至少领衔提出几件建议；0 为不要求", most=100
    )
    quota_suggestions_province: int = _rule(
        0, "省代表每年领衔建议件数", "每年至少领衔提出几件建议；0 为不要求", most=100
    )
    quota_suggestions_city: int = _rule(
        1, "市代表每年领衔建议件数", "每年至少领衔提出几件建议；0 为不要求", most=100
    )
    quota_suggestions_county: int = _rule(
        1, "县代表每年领衔建议件数", "每年至少领衔提出几件建议；0 为不要求", most=100
    )
    quota_suggestions_township: int = _rule(
        1, "乡代表每年领衔建议件数", "每年至少领衔提出几件建议；0 为不要求", most=100
    )
    quota_contacts: int = _rule(
        5, "代表每年联系选民位数", "每位代表每年至少联系几位固定联系选民；0 为不要求", most=50
    )
    quota_committee: int = _rule(
        2, "常委会组成人员每年下基层次数", "每年至少参加几次调研、视察、走访；0 为不要求", most=100
    )
    versions: tuple[str, ...] = ()

    @property
    def answer_classes(self) -> dict[str, str]:
        """What the four kinds of answer are called here, letter and words: A 已经解决."""
        words = {"A": self.class_a, "B": self.class_b, "C": self.class_c, "D": self.class_d}
        return {letter: f"{letter} {called}" for letter, called in words.items()}

    @classmethod
    def rules(cls) -> "dict[str, Field[Any]]":
        return {rule.name: rule for rule in fields(cls) if rule.name != "versions"}

    @classmethod
    def fault(cls, name: str, value: Any) -> str:
        """Why a rule cannot have this value; empty where it can."""
        rule: Any = cls.rules().get(name)
        if rule is None:
            return f"没有“{name}”这条规则。"
        label, most = rule.metadata["label"], rule.metadata["most"]
        if isinstance(rule.default, str):
            named = isinstance(value, str) and 0 < len(value.strip()) <= most
            return "" if named else f"“{label}”要写 1 到 {most} 个字。"
        if type(value) is not type(rule.default):
            return f"“{label}”要填整数。"
        if not 0 <= value <= most:
            return f"“{label}”要在 0 到 {most} 之间。"
        return ""


class PolicyVersion(models.Model):
    """What one area changes from a day on."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    first_on = models.DateField("起始日期")
    values = models.JSONField("规则", default=dict)
    note = models.CharField("依据", max_length=200, blank=True, help_text="文件名称和文号")

    class Meta:
        verbose_name = verbose_name_plural = "本地规则"
        constraints = [models.UniqueConstraint(fields=["area", "first_on"], name="one_policy_version_a_day")]

    def __str__(self) -> str:
        return f"{self.area.name} {self.first_on:%Y-%m-%d} 起"

    def clean(self) -> None:
        if not isinstance(self.values, dict):
            raise ValidationError("规则应是“名称：值”的对照。")
        faults = [fault for name, value in self.values.items() if (fault := Policy.fault(name, value))]
        if faults:
            raise ValidationError(faults)

    @admin.display(description="规则")
    def in_words(self) -> str:
        rules = Policy.rules()
        return "，".join(
            f"{rules[name].metadata['label']} {value}" for name, value in self.values.items() if name in rules
        )


def policy_for(area: Area, on: date) -> Policy:
    """The rules in force for `area` on a day: for each rule, the nearest area that has set it, in its latest version."""
    rows = PolicyVersion.objects.filter(area__path__in=area.path_and_above, first_on__lte=on)
    return _put_together(rows.select_related("area").order_by("area__path", "first_on"))


def _put_together(rows: Iterable[PolicyVersion]) -> Policy:
    """Of the wider areas first, of each the earlier version first: the later says it over."""
    rules, versions = Policy.rules(), []
    values: dict[str, Any] = {}
    for row in rows:
        values |= {name: value for name, value in row.values.items() if name in rules}
        versions.append(str(row))
    return Policy(**values, versions=tuple(versions))


class Policies:
    """`policy_for` many places and days, as an import asks: all versions are read once, those that concern `area`."""

    def __init__(self, area: Area | None = None) -> None:
        rows = PolicyVersion.objects.select_related("area").order_by("area__path", "first_on")
        if area is not None:
            rows = rows.filter(models.Q(area__path__in=area.path_and_above) | inside(area, "area__path"))
        self.rows = list(rows)
        self.known: dict[tuple[int, date], Policy] = {}

    def of(self, area: Area, on: date) -> Policy:
        if (area.pk, on) not in self.known:
            above = area.path_and_above
            rows = [row for row in self.rows if row.first_on <= on and row.area.path in above]
            self.known[area.pk, on] = _put_together(rows)
        return self.known[area.pk, on]


def latest_by_place(names: Iterable[str], area: Area | None, on: date) -> dict[str, list[tuple[str, Any]]]:
    """Of each rule what areas have set, as path and value, the nearest first; "" with the default at the end.

    Read once for all these rules. `area` is the widest of which rows are asked (None: any).
    """
    rows = PolicyVersion.objects.filter(first_on__lte=on)
    if area is not None:
        rows = rows.filter(models.Q(area__path__in=area.path_and_above) | inside(area, "area__path"))
    latest: dict[str, dict[str, Any]] = {name: {} for name in names}
    for place, values in rows.order_by("area__path", "first_on").values_list("area__path", "values"):
        for name in latest.keys() & values.keys():
            latest[name][place] = values[name]
    return {
        name: [
            *sorted(found.items(), key=lambda item: (-len(item[0]), item[0])),
            ("", Policy.rules()[name].default),
        ]
        for name, found in latest.items()
    }


def rule_by_place(
    name: str, area: Area | None, on: date, path: str = "area_path", day: Callable[[int], date] | None = None
) -> models.Case:
    """One rule as a database expression over rows that lie in `area` (None: anywhere): of each, the value of the nearest
    area that set it.

    With `day`, the expression is not the value but the day that follows from it.
    """
    default = Policy.rules()[name].default
    kind: models.Field[Any, Any] = models.CharField() if isinstance(default, str) else models.IntegerField()
    turned: Callable[[Any], Any] = day or type(default)
    *nearest_first, (_, default) = latest_by_place([name], area, on)[name]
    return models.Case(
        *(
            models.When(**{f"{path}__startswith": place}, then=models.Value(turned(value)))
            for place, value in nearest_first
        ),
        default=models.Value(turned(default)),
        output_field=models.DateField() if day else kind,
    )


def visible_policies(post: Post | None) -> models.QuerySet[PolicyVersion]:
    return PolicyVersion.objects.filter(area__in=Area.objects.visible_to(post))
