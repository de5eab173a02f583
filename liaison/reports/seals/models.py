"""A sealed period: its figures, and the keys of the records behind them, under one hash that the next seal repeats."""

import hashlib
import json
from datetime import UTC
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from liaison.accounts.models import Area, Post, Role
from liaison.core.jobs import Job
from liaison.core.models import AuditEntry, Sequence
from liaison.core.places import InArea, inside
from liaison.core.workflow import NotAllowed, Recorded
from liaison.reports.metrics import OVERSEERS
from liaison.reports.periods import Kind, Period

from .counting import Counted, dictionary
from .keys import Keys, hash_of, spread, squeezed

READERS = OVERSEERS
LEAST = 4  # characters of a reason that says something
NOT_OVER = "还没有过完，过完了才能定稿。"
SEALED_ALREADY = "这段时间已经定稿，编号 {}。数字有变的，请做更正，写明原因。"


class SealQuerySet(models.QuerySet["Seal"]):
    def visible_to(self, post: Post | None) -> "SealQuerySet":
        """Offices and auditors: those of their area and of what lies below."""
        if post is None or post.role not in READERS:
            return self.none()
        return self.filter(inside(post.area))

    def current(self) -> "SealQuerySet":
        """Those that no correction has taken the place of."""
        return self.filter(corrected_by=None)

    def of(self, area: Area, first: Any, last: Any) -> "Seal | None":
        """The one that holds for these days."""
        return self.current().filter(area=area, first=first, last=last).first()

    def refusal(
        self, by: Post, period: Period, corrects: "Seal | None" = None, reason: str | None = None
    ) -> str:
        """Why `by` may not seal the period of its area now; empty where it may. `reason`: None before it is asked for."""
        if by.role != Role.OFFICE:
            return "定稿由人大机关做，您的岗位不能定稿。"
        if period.last >= timezone.localdate():
            return f"{period.label}{NOT_OVER}"
        if not period.is_whole:
            return f"{period.label}不是一整段，不能定稿。"
        if corrects is not None and corrects.area_id != by.area_id:
            return "别处的定稿由别处更正。"
        there = self.of(by.area, period.first, period.last)
        if there is not None and there != corrects:
            return SEALED_ALREADY.format(there.number)
        if corrects is not None and there is None:
            return f"{corrects.number} 已经有更正，请从最新的一份更正。"
        if corrects is not None and reason is not None and len(reason.strip()) < LEAST:
            return f"请写明更正的原因，至少 {LEAST} 个字。"
        return ""

    def put(
        self,
        counted: Counted,
        *,
        by: Post,
        period: Period,
        at: Any,
        job: Job | None = None,
        corrects: "Seal | None" = None,
        reason: str = "",
    ) -> "Seal":
        """Seal what was counted at the moment `at`: numbered, and chained to the seal before. Raises NotAllowed."""
        blobs: dict[str, bytes] = {}
        records: dict[str, Any] = {}
        for code, keys in counted.keys.items():
            packed = keys.packed()
            blobs[name := hash_of(packed)] = packed
            records[code] = {"model": counted.models[code], "count": len(keys), "sha256": name}
        try:
            with transaction.atomic():
                # Who comes second waits here, and then finds what the first has sealed.
                area = Area.objects.select_for_update(no_key=True).get(pk=by.area_id)
                if refusal := self.refusal(by, period, corrects, reason):
                    raise NotAllowed(refusal)
                year = timezone.localtime(at).year
                serial = Sequence.objects.next(f"seals:{area.path}:{year}")
                before = self.filter(area=area).order_by("-pk").first()
                found = Seal(
                    area=area,
                    year=year,
                    serial=serial,
                    number=f"{area.path or '0'}-{year}-{serial:03}",
                    kind=period.kind,
                    first=period.first,
                    last=period.last,
                    edition=corrects.edition + 1 if corrects else 1,
                    corrects=corrects,
                    reason=reason.strip(),
                    at=at,
                    by=by,
                    actor=str(by)[:150],
                    job=job,
                    figures=counted.figures,
                    orders=counted.orders,
                    areas=counted.areas,
                    records=records,
                    dictionary=dictionary(),
                    previous=before,
                    previous_sha256=before.sha256 if before else "",
                )
                found.sha256 = found.computed()
                told = {
                    "number": found.number,
                    "sha256": found.sha256,
                    "first": found.first,
                    "last": found.last,
                }
                found.enter(by=by, note=found.reason, data=told)
                SealedKeys.objects.bulk_create(
                    SealedKeys(seal=found, sha256=name, data=squeezed(packed))
                    for name, packed in blobs.items()
                )
                return found
        except IntegrityError:
            raise NotAllowed(
                SEALED_ALREADY.format(getattr(self.of(by.area, period.first, period.last), "number", ""))
            ) from None


class Seal(InArea, Recorded):
    """定稿. Never changed: what turns out otherwise is a further seal that corrects this one."""

    Kind = Kind

    number = models.CharField("编号", max_length=24, unique=True)
    year = models.PositiveSmallIntegerField("年份")
    serial = models.PositiveIntegerField("序号")
    kind = models.CharField("种类", max_length=9, choices=Kind.choices)
    first = models.DateField("从")
    last = models.DateField("到")
    edition = models.PositiveSmallIntegerField("第几次", default=1)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name="更正的是"
    )
    reason = models.CharField("更正的原因", max_length=200, blank=True)
    at = models.DateTimeField("数据截止")
    by = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="岗位")
    actor = models.CharField("定稿人", max_length=150)
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="seal")
    figures = models.JSONField("数字")  # by code
    orders = models.JSONField("五单")
    areas = models.JSONField("分区划")
    records = models.JSONField("记录")  # by code: model, count, sha256 of the packed keys
    dictionary = models.JSONField("指标定义")
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="next", verbose_name="上一份"
    )
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField("校验码", max_length=64)

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "定稿"
        constraints = [
            models.UniqueConstraint(fields=["area", "year", "serial"], name="seals_are_numbered"),
            models.UniqueConstraint(
                fields=["area", "first", "last", "edition"], name="a_period_is_sealed_once"
            ),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="sealed_period_has_an_end"),
            models.CheckConstraint(
                condition=Q(corrects=None) | ~Q(reason=""), name="a_correction_has_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["area_path", "-id"], name="seals_of_an_area")]

    def __str__(self) -> str:
        return f"定稿 {self.number}"

    def get_absolute_url(self) -> str:
        return f"/seals/{self.pk}/"

    @property
    def period(self) -> Period:
        return Period(self.kind, self.first, self.last)

    @property
    def title(self) -> str:
        """平城区2026年第三季度, and that it is a correction."""
        return f"{self.area.name}{self.period.label}{'（更正）' if self.corrects_id else ''}"

    @property
    def is_current(self) -> bool:
        return not hasattr(self, "corrected_by")

    def computed(self) -> str:
        """The hash of everything that is sealed, in the one form in which it can be written: JSON with sorted keys."""
        told = {
            "number": self.number,
            "area": self.area.code,
            "kind": self.kind,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "edition": self.edition,
            "corrects": self.corrects.number if self.corrects else "",
            "reason": self.reason,
            "at": self.at.astimezone(UTC).isoformat(),
            "actor": self.actor,
            "figures": self.figures,
            "orders": self.orders,
            "areas": self.areas,
            "records": self.records,
            "dictionary": self.dictionary,
            "previous": self.previous_sha256,
        }
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def keys(self, code: str) -> Keys:
        """The records behind a figure when it was sealed. Raises ValueError where they are not what was sealed."""
        told = self.records[code]
        row = self.keys_kept.filter(sha256=told["sha256"]).first()
        packed = spread(bytes(row.data)) if row else b""
        if hash_of(packed) != told["sha256"]:
            raise ValueError(f"{code}: keys are not what was sealed")
        return Keys.unpacked(packed)

    def _has_keys(self, code: str) -> bool:
        try:
            self.keys(code)
        except ValueError:
            return False
        return True

    def why_not_correct(self, by: Post) -> str:
        """Why `by` may not correct this one now; empty where it may."""
        return type(self).objects.refusal(by, self.period, self)

    def redefined(self) -> list[str]:
        """The figures whose definition is another now."""
        now = {one["code"]: one for one in dictionary()}
        return [one["code"] for one in self.dictionary if now.get(one["code"]) != one]

    def flaws(self) -> list[str]:
        """In which ways this row is not what was sealed, in words; empty where it is whole.

        Who can write in the database can compute a hash anew. Then the entry of the sealing, which nobody can change,
        and the seal that follows still have the old one.
        """
        found = []
        if self.computed() != self.sha256:
            found.append("封存的内容和校验码对不上，内容或校验码被改过。")
        entry = AuditEntry.objects.of(self).filter(action="reports.seal.enter").first()
        if entry is None:
            found.append("操作日志里没有这次定稿。")
        elif entry.data.get("sha256") != self.sha256:
            found.append("校验码和操作日志里记的不一样，校验码被改过。")
        if self.previous_sha256 != (self.previous.sha256 if self.previous else ""):
            found.append("上一份定稿的校验码和这一份里记的不一样，上一份被改过。")
        lost = []
        whole: dict[str, bool] = {}  # several figures may have the same records, which are kept once
        for code, told in self.records.items():
            if told["sha256"] not in whole:
                whole[told["sha256"]] = self._has_keys(code)
            if not whole[told["sha256"]]:
                lost.append(code)
        if lost:
            found.append(f"{len(lost)} 项指标的记录清单缺失或被改过：{'、'.join(lost)}。")
        return found


class SealedKeys(models.Model):
    """The records behind one or several figures of a seal: see keys.py."""

    seal = models.ForeignKey(Seal, models.PROTECT, related_name="keys_kept")
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seal", "sha256"], name="sealed_keys_are_kept_once")]

    def __str__(self) -> str:
        return self.sha256[:12]


class SealCheckQuerySet(models.QuerySet["SealCheck"]):
    def visible_to(self, post: Post | None) -> "SealCheckQuerySet":
        return self.filter(seal__in=Seal.objects.visible_to(post).values("pk"))


class SealCheck(models.Model):
    """核对: what a seal looked like against the records of a later moment."""

    seal = models.ForeignKey(Seal, models.PROTECT, related_name="checks")
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="seal_check")
    at = models.DateTimeField("核对时间", default=timezone.now)
    actor = models.CharField("核对人", max_length=150)
    flaws = models.JSONField(default=list)  # sentences
    differences = models.JSONField(default=list)  # see verifying.py
    redefined = models.JSONField(default=list)  # codes whose definition is another now

    objects = SealCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "定稿核对"
        indexes = [models.Index(fields=["seal", "-id"], name="checks_of_a_seal")]

    def __str__(self) -> str:
        return f"{self.seal.number} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @property
    def is_unaltered(self) -> bool:
        return not (self.flaws or self.differences)

    @property
    def result(self) -> str:
        """The sentence that says it all."""
        if self.flaws:
            return "定稿本身被改过，不能作准。" + "".join(self.flaws)
        if self.differences:
            return f"有 {len(self.differences)} 项指标和定稿时不同。定稿的数字没有变。"
        return "和定稿时一致，没有一项不同。"
