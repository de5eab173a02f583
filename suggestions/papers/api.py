"""REST for papers: the lines that the page shows, a number to be given, and the paper itself."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from liaison.core.rest.files import BINARY
from liaison.core.rest.views import IDEMPOTENCY_KEY

from .handing_out import give_number, hand_out
from .kinds import PAPERS
from .listing import orders_in_sight, papers_of_case, papers_on_page
from .printing import FORMS, as_paper

SLUG = OpenApiParameter("slug", str, "path", enum=list(PAPERS), description="哪种公文")
FORM = OpenApiParameter("form", str, "path", enum=list(FORMS), description="哪种文件")


class PaperSerializer(serializers.Serializer):
    """A paper that the caller may print or number now."""

    order = serializers.CharField(source="order.number", help_text="派单的编号")
    paper = serializers.CharField(source="paper.slug", help_text="哪种公文")
    name = serializers.CharField(source="label", help_text="公文和单位的名称")
    number = serializers.CharField(help_text="文号；还没有编号的是空的")
    may_number = serializers.BooleanField(source="numbers", help_text="现在可以编号")
    pdf = serializers.SerializerMethodField(help_text="下载 PDF 的地址")
    docx = serializers.SerializerMethodField(help_text="下载 Word 文档的地址")

    def get_pdf(self, line) -> str:
        return self._address(line, "pdf")

    def get_docx(self, line) -> str:
        return self._address(line, "docx")

    def _address(self, line, form):
        path = f"/api/v1/orders/{line.order.number}/papers/{line.paper.slug}/{form}/"
        return self.context["request"].build_absolute_uri(path)


class NumberSerializer(serializers.Serializer):
    """Which paper of the order is given its number."""

    paper = serializers.ChoiceField(list(PAPERS))


def told(lines, view):
    return Response(PaperSerializer(lines, many=True, context=view.get_serializer_context()).data)


class PapersOfCase:
    """`GET …/papers/` of a request or suggestion: the papers of its orders."""

    @extend_schema(responses=PaperSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def papers(self, request, **kwargs):
        """公文：各张派单的，最近一次办理的在前。只列您能打印或编号的。"""
        return told(papers_of_case(self.get_object(), self.post_in), self)


class PapersOfOrder:
    """`…/papers/` of an order: list, number, download. The viewset has OnceOnly and InPost."""

    @extend_schema(responses=PaperSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def papers(self, request, number):
        """公文：只列您能打印或编号的；主办单位还能看到送来的会办意见函。"""
        return told(papers_on_page(self._order(number), self.post_in), self)

    @extend_schema(
        request=NumberSerializer,
        responses=PaperSerializer(many=True),
        parameters=[IDEMPOTENCY_KEY],
        filters=False,
    )
    @papers.mapping.post
    def number_paper(self, request, number):
        """给一种公文编号；编过的，文号不变。"""
        order = self._order(number)

        def act():
            sent = NumberSerializer(data=request.data)
            sent.is_valid(raise_exception=True)
            paper = PAPERS[sent.validated_data["paper"]]
            if paper.of_suggestions != (order.suggestion_id is not None):
                raise serializers.ValidationError({"paper": [paper.wanting(order)]})
            give_number(order, paper, by=self.post_in)
            return told(papers_on_page(order, self.post_in), self)

        return self.once(request, act)

    @extend_schema(responses=BINARY, parameters=[SLUG, FORM])
    @action(
        detail=True,
        methods=["get"],
        url_path=r"papers/(?P<slug>[a-z-]{1,30})/(?P<form>pdf|docx)",
        url_name="paper",
    )
    def paper(self, request, number, slug, form):
        """下载一份公文。还没有的、还没有编号的，答 409，并说明为什么。"""
        if slug not in PAPERS:
            raise Http404
        paper = PAPERS[slug]
        order = self._order(number, paper)
        made = hand_out(order, paper, form, by=self.post_in)
        return as_paper(made, form, f"{paper.label}_{order.number}")

    def _order(self, number, paper=None):
        return get_object_or_404(orders_in_sight(self.post_in, paper), number=number)
