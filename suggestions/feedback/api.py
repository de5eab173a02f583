"""REST for ratings: read. One is given by the step `rate` of its request, or by the person's link."""

from rest_framework import serializers, viewsets

from liaison.core.rest.views import CodeField, InPost
from suggestions.models import Rating, Request
from visits.privacy import shown_words

from .filters import RatingFilter


class RatingSerializer(serializers.ModelSerializer):
    request = CodeField(Request, "number", read_only=True)
    reason = serializers.SerializerMethodField(help_text="哪里不满意；要求保密的，无权看的只有一句说明")
    taken_down = serializers.SerializerMethodField(help_text="联络站代记，不是本人在网上评的")

    class Meta:
        model = Rating
        fields = [
            "id", "request", "round", "on", "attitude", "result", "solved", "reason", "taken_down", "how",
        ]  # fmt: skip
        read_only_fields = fields

    def get_reason(self, rating: Rating) -> str:
        post = self.context["request"]._request.post
        return shown_words(rating.request, rating.reason, post) if rating.reason else ""

    def get_taken_down(self, rating: Rating) -> bool:
        return rating.by_id is not None


class RatingViewSet(InPost, viewsets.ReadOnlyModelViewSet):
    """群众评价。承办单位只能看，不能评。"""

    model = Rating
    keyset = ("-on", "-pk")
    related = ("request",)
    serializer_class = RatingSerializer
    filterset_class = RatingFilter
