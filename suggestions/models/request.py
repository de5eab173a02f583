"""Requests: what a citizen asked, with its number, from the day it was registered."""

from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from liaison.accounts.models import Post, Role
from liaison.core.models import Sequence
from liaison.core.places import InArea, inside
from liaison.core.workflow import Moving
from stations.models import Station
from suggestions.workflow import REQUEST_FLOW, RequestState
from visits.models import Category, Visit


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, post: Post | None) -> "RequestQuerySet":
        """Requests of the area, of one's own stations; a deputy: those one took in."""
        if post is None:
            return self.none()
        match post.role:
            case Role.OFFICE | Role.AUDITOR:
                return self.filter(inside(post.area))
            case Role.STATION:
                return self.filter(station__in=Station.objects.visible_to(post).values("pk"))
            case Role.DEPUTY:
                return self.filter(visit__received_by__deputy__user=post.user_id)
            case _:
                return self.none()

    def awaiting_dispatch(self) -> "RequestQuerySet":
        return self.filter(state=RequestState.REGISTERED)

    def received(self, first: date, last: date) -> "RequestQuerySet":
        return self.filter(received_on__range=(first, last))

    def search(self, text: str) -> "RequestQuerySet":
        return self.filter(Q(number=text) | Q(title__contains=text) | Q(text__contains=text))


class Request(InArea, Moving):
    """群众诉求: registered from a visit, to be dispatched by the congress office."""

    PRIVATE_FIELDS = ("title", "text", "place")
    TITLE_LENGTH = 30
    State = RequestState
    FLOW = REQUEST_FLOW

    number = models.CharField("编号", max_length=20, unique=True, editable=False)
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, related_name="requests", verbose_name="来访登记"
    )
    station = models.ForeignKey(Station, models.PROTECT, related_name="requests", verbose_name="站点")
    channel = models.CharField("渠道", max_length=7, choices=Visit.Channel.choices)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, verbose_name="类别")
    title = models.CharField("标题", max_length=60)
    text = models.TextField("反映的问题")
    place = models.CharField("问题在什么地方", max_length=100, blank=True)
    received_on = models.DateField("登记日期")
    confidential = models.BooleanField("要求保密", default=False)
    state = models.CharField(
        "状态", max_length=16, choices=RequestState.choices, default=RequestState.REGISTERED, editable=False
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "诉求"
        indexes = [
            models.Index(fields=["area_path", "received_on", "id"], name="requests_of_an_area"),
            models.Index(fields=["station", "received_on"], name="requests_of_a_station"),
            models.Index(fields=["received_on", "id"], name="requests_by_day"),
        ]

    def __str__(self) -> str:
        return f"诉求单 {self.number}"

    def get_absolute_url(self) -> str:
        return f"/requests/{self.number}/"

    def enter(self, *, by: Post | None, note: str = "", data: dict[str, Any] | None = None) -> "Request":
        """Register: the number is year, month and day, and a serial of the day: 2026-1103-0042."""
        with transaction.atomic(savepoint=False):
            self.area = self.station.area
            self.give_number(Sequence.objects.next(self.series))
            return super().enter(by=by, note=note, data=data)

    @property
    def series(self) -> str:
        """The series of numbers that it takes its own from: one for each day."""
        return f"request:{self.received_on:%Y%m%d}"

    def give_number(self, serial: int) -> None:
        self.number = f"{self.received_on:%Y-%m%d}-{serial:04d}"
