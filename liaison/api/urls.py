"""REST: the router. Serializers and viewsets stand in the api.py of each app."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from deputies.api import AssignmentViewSet, CodeViewSet, DeputyViewSet, MandateViewSet
from liaison.core.rest.errors import not_found
from liaison.reports.api import FigureRecordsView, FiguresView
from stations.api import StationViewSet
from suggestions.api import DraftViewSet, OpinionViewSet, RequestViewSet, VisitViewSet
from visits.api import (
    ActivityAttendanceViewSet,
    ActivityViewSet,
    AppointmentViewSet,
    AttendanceViewSet,
    CategoryViewSet,
    NoticeViewSet,
)

from .areas import AreaViewSet
from .docs import docs
from .tokens import TokenView

router = SimpleRouter()
router.register("areas", AreaViewSet, "area")
router.register("stations", StationViewSet, "station")
router.register("deputies", DeputyViewSet, "deputy")
router.register("mandates", MandateViewSet, "mandate")
router.register("assignments", AssignmentViewSet, "assignment")
router.register("codes", CodeViewSet, "code")
router.register("activities", ActivityViewSet, "activity")
router.register(
    r"activities/(?P<number>[\w-]{1,20})/attendances", ActivityAttendanceViewSet, "activity-attendance"
)
router.register("attendances", AttendanceViewSet, "attendance")
router.register("appointments", AppointmentViewSet, "appointment")
router.register("notices", NoticeViewSet, "notice")
router.register("visits", VisitViewSet, "visit")
router.register("categories", CategoryViewSet, "category")
router.register("requests", RequestViewSet, "request")
router.register("drafts", DraftViewSet, "draft")
router.register("opinions", OpinionViewSet, "opinion")

app_name = "api"
urlpatterns = [
    path("", include(router.urls)),
    path("figures/", FiguresView.as_view(), name="figures"),
    path("figures/<str:code>/records/", FigureRecordsView.as_view(), name="figure-records"),
    path("auth/token/", TokenView.as_view(), name="token"),
    path("schema/", SpectacularAPIView.as_view(renderer_classes=[OpenApiJsonRenderer2]), name="schema"),
    path("docs/", docs, name="docs"),
    re_path("", csrf_exempt(login_not_required(not_found)), name="nothing"),
]
