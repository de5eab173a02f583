"""Whom an activity is addressed to as a whole: a professional group, a deputy group, or all deputies of a level."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from deputies.models import Deputy, DeputyGroup, Level, Mandate
from liaison.accounts.models import Area, Post
from liaison.core.workflow import NotAllowed

from .activity import Activity
from .attendance import Attendance

MOST = 300  # deputies that one invitation may bring; each of them is told and recorded
# The congress that a group belongs to is the one of its area: this mandate is called first.
LEVELS = {
    Area.Level.PROVINCE: Level.PROVINCE,
    Area.Level.PREFECTURE: Level.CITY,
    Area.Level.COUNTY: Level.COUNTY,
    Area.Level.TOWNSHIP: Level.TOWNSHIP,
}


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, post: Post | None) -> "InvitationQuerySet":
        return self.filter(activity__in=Activity.objects.visible_to(post))

    def invite(
        self, activity: Activity, *, by: Post, group: DeputyGroup | None = None, level: str = ""
    ) -> "Invitation":
        """Address `activity` to a group, or to the deputies of a level whom `by` sees, and roster all who can serve.

        The answer carries `placed` (new places on the roster) and `refusals` (sentences: who was not, and why).
        Raises NotAllowed where the activity takes no deputies any more, nobody is meant, or more than MOST are.
        """
        activity.must_take_deputies()
        meant = _mandates(by, activity.day, group=group, level=level)
        if not meant:
            raise NotAllowed("这个范围里没有您能看到的在任代表，请换一个范围。")
        if len(meant) > MOST:
            raise NotAllowed(f"这个范围有 {len(meant)} 位代表，一次最多请 {MOST} 位。请改请小组。")
        with transaction.atomic():
            invitation, _ = self.get_or_create(activity=activity, group=group, level=level)
            there = set(activity.attendances.values_list("mandate__deputy", flat=True))
            asked = [(activity, mandate) for mandate in meant if mandate.deputy_id not in there]
            invitation.placed, refusals = Attendance.roster_each(asked, by=by)
            already = [f"{one.deputy.name}已经在名单里。" for one in meant if one.deputy_id in there]
            invitation.refusals = already + refusals
            told = {"placed": len(invitation.placed), "refused": len(invitation.refusals)}
            activity.mark("invite", by=by, note=str(invitation), data=told)
        return invitation


def _mandates(by: Post, day: date, *, group: DeputyGroup | None, level: str) -> list[Mandate]:
    """One mandate of each person meant, by name: for a group the one of its own congress, else one that can serve."""
    rows = Mandate.objects.visible_to(by).filter(Q(to_on=None) | Q(to_on__gte=day))
    own = level
    if group is not None:
        rows = rows.filter(deputy__in=Deputy.objects.in_group(group, day).values("pk"))
        own = LEVELS.get(Area.Level(group.area.level), "")
    else:
        rows = rows.filter(level=level)

    def worst_last(mandate: Mandate) -> tuple[Any, ...]:
        return bool(mandate.why_not_on(day)), mandate.level != own, mandate.pk

    best: dict[int, Mandate] = {}
    for mandate in sorted(rows.select_related("deputy__user", "term__congress"), key=worst_last):
        best.setdefault(mandate.deputy_id, mandate)
    return sorted(best.values(), key=lambda mandate: (mandate.deputy.pinyin, mandate.pk))


class Invitation(models.Model):
    """That an activity was addressed to a group or a level. Who was rostered for it stands in the attendances."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="invitations", verbose_name="活动")
    group = models.ForeignKey(
        DeputyGroup, models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name="小组"
    )
    level = models.CharField("层级", max_length=8, choices=Level.choices, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "邀请范围"
        constraints = [
            models.CheckConstraint(
                condition=(Q(group=None) & ~Q(level="")) | (Q(group__isnull=False) & Q(level="")),
                name="invited_is_a_group_or_a_level",
            ),
            models.UniqueConstraint(fields=["activity", "group", "level"], name="group_invited_once"),
            models.UniqueConstraint(
                fields=["activity", "level"], condition=Q(group=None), name="level_invited_once"
            ),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.placed: list[Attendance] = []
        self.refusals: list[str] = []

    def __str__(self) -> str:
        return str(self.group) if self.group else f"{self.get_level_display()}人大代表"
