"""Which papers were issued under which number, and which templates an area has brought itself."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from liaison.accounts.models import Area, Post, Role
from liaison.core.models import Attachment
from liaison.core.models import Sequence as Series
from liaison.core.places import InArea, inside
from liaison.core.workflow import NotAllowed, Recorded
from suggestions.models.order import Order

from .kinds import BY_KIND, Kind, Paper


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, post: Post | None) -> "DocumentQuerySet":
        """Those of the orders that the post sees, of the kinds that it may read."""
        if post is None:
            return self.none()
        kinds = [paper.kind for paper in BY_KIND.values() if post.role in paper.readers]
        return self.filter(order__in=Order.objects.visible_to(post).values("pk"), kind__in=kinds)

    def of(self, order: Order, paper: Paper) -> "Document | None":
        """The paper of an order as it was issued; of several urgings, the last one's."""
        return self.filter(order=order, kind=paper.kind, turn=paper.turn(order)).first()

    def issue(self, order: Order, paper: Paper, *, by: Post) -> "Document":
        """Give the paper its number, once: who comes second gets what the first one made. Raises NotAllowed.

        The series runs by the area whose department it is, by kind and by year, without gaps: a number that was not
        used in the end is the next one's.
        """
        with order._held():
            if found := self.of(order, paper):
                return found
            if refusal := paper.refusal(order, by):
                raise NotAllowed(refusal)
            area, today = order.department.area, timezone.localdate()
            serial = Series.objects.next(f"paper:{area.code}:{paper.kind}:{today.year}")
            return Document(
                area=area,
                kind=paper.kind,
                order=order,
                turn=paper.turn(order),
                year=today.year,
                serial=serial,
                number=paper.number(area, today.year, serial),
                issued_on=today,
                by=by,
            ).enter(by=by)


class Document(InArea, Recorded):
    """公文: a paper of an order that has its number. What stands in it is read from the order whenever it is printed."""

    kind = models.CharField("种类", max_length=7, choices=Kind.choices)
    order = models.ForeignKey(Order, models.PROTECT, related_name="documents", verbose_name="派单")
    turn = models.PositiveSmallIntegerField("第几份", default=1)
    year = models.PositiveSmallIntegerField("年份")
    serial = models.PositiveIntegerField("序号")
    number = models.CharField("文号", max_length=80)
    issued_on = models.DateField("编号日期")
    by = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="经办人")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公文"
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "turn"], name="one_paper_of_a_kind"),
            models.UniqueConstraint(
                fields=["area", "kind", "year", "serial"], name="a_number_of_a_paper_is_given_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class PaperTemplateQuerySet(models.QuerySet["PaperTemplate"]):
    def visible_to(self, post: Post | None) -> "PaperTemplateQuerySet":
        """The offices': their own and those of the areas above, which hold for them too, and those below."""
        if post is None or post.role not in (Role.OFFICE, Role.AUDITOR):
            return self.none()
        return self.filter(inside(post.area) | Q(area_path__in=post.area.path_and_above))

    def nearest(self, area: Area, kind: str) -> "PaperTemplate | None":
        """The one in use for `area`: its own, else that of the nearest area above; None: the one that we bring."""
        rows = self.filter(kind=kind, in_use=True, area_path__in=area.path_and_above)
        return rows.select_related("area").order_by(Length("area_path").desc()).first()


class PaperTemplate(InArea, Recorded):
    """The Word template that an area uses for one kind of paper. Files it used before stay on record."""

    kind = models.CharField("种类", max_length=7, choices=Kind.choices)
    file = models.ForeignKey(Attachment, models.PROTECT, null=True, editable=False, related_name="+")
    in_use = models.BooleanField("在用", default=True)

    objects = PaperTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公文模板"
        constraints = [
            models.UniqueConstraint(fields=["area", "kind"], name="one_template_of_a_kind_an_area")
        ]

    def __str__(self) -> str:
        return f"{self.area}的{self.get_kind_display()}模板"

    def content(self) -> bytes:
        """Raises NotAllowed where the file is not what was stored."""
        found = self.file.content() if self.file else None
        if found is None:
            raise NotAllowed(f"{self}已损坏，请重新上传。")
        return found
