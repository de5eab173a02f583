"""REST: the router. Serializers and viewsets stand in the api.py of each app."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from deputies.api import AssignmentViewSet, CodeViewSet, DeputyViewSet, MandateViewSet
from deputies.contacts.api import ContactLinkViewSet, ContactRecordViewSet
from deputies.proposals.api import ProposalRowViewSet, ProposalViewSet
from liaison.bulletin.issues.api import BulletinViewSet
from liaison.bulletin.news.api import NewsViewSet
from liaison.core.api import JobViewSet
from liaison.core.rest.errors import not_found
from liaison.core.rest.files import FileViewSet
from liaison.exchange.exports.api import ExportViewSet
from liaison.reports.api import FigureRecordsView, FiguresView
from liaison.reports.coverage.api import CoverageRecordsView, CoverageView
from liaison.reports.dictionary.api import DictionaryView
from liaison.reports.issued.api import ReportViewSet
from liaison.reports.quotas.api import QuotaRecordsView, QuotasView
from liaison.reports.seals.api import SealViewSet
from liaison.reports.taskboard.api import StationDocumentViewSet, TaskRecordsView, TasksView
from stations.api import StationViewSet
from suggestions.api import DepartmentViewSet, DraftViewSet, OpinionViewSet, RequestViewSet, VisitViewSet
from suggestions.by_deputies.api import SuggestionViewSet
from suggestions.feedback.api import RatingViewSet
from suggestions.followups.api import FollowUpViewSet
from suggestions.orders.api import OrderViewSet
from suggestions.projects.api import BallotViewSet, ProjectViewSet
from suggestions.themes.api import ThemeViewSet
from visits.api import (
    ActivityAttendanceViewSet,
    ActivityViewSet,
    AppointmentViewSet,
    AttendanceViewSet,
    CategoryViewSet,
    NoticeViewSet,
    SheetViewSet,
)

from .areas import AreaViewSet
from .docs import OnceDescribed, docs
from .tokens import TokenView

router = SimpleRouter()
router.register("areas", AreaViewSet, "area")
router.register("stations", StationViewSet, "station")
router.register("deputies", DeputyViewSet, "deputy")
router.register("mandates", MandateViewSet, "mandate")
router.register("assignments", AssignmentViewSet, "assignment")
router.register("proposals", ProposalViewSet, "proposal")
router.register(r"proposals/(?P<proposal>[0-9]{1,18})/rows", ProposalRowViewSet, "proposal-row")
router.register("codes", CodeViewSet, "code")
router.register("contact-links", ContactLinkViewSet, "contact-link")
router.register("contact-records", ContactRecordViewSet, "contact-record")
router.register("activities", ActivityViewSet, "activity")
router.register(
    r"activities/(?P<number>[\w-]{1,20})/attendances", ActivityAttendanceViewSet, "activity-attendance"
)
router.register("attendances", AttendanceViewSet, "attendance")
router.register("appointments", AppointmentViewSet, "appointment")
router.register("notices", NoticeViewSet, "notice")
router.register("sheets", SheetViewSet, "sheet")
router.register("visits", VisitViewSet, "visit")
router.register("departments", DepartmentViewSet, "department")
router.register("categories", CategoryViewSet, "category")
router.register("requests", RequestViewSet, "request")
router.register("suggestions", SuggestionViewSet, "suggestion")
router.register("orders", OrderViewSet, "order")
router.register("themes", ThemeViewSet, "theme")
router.register("followups", FollowUpViewSet, "followup")
router.register("ratings", RatingViewSet, "rating")
router.register("drafts", DraftViewSet, "draft")
router.register("opinions", OpinionViewSet, "opinion")
router.register("projects", ProjectViewSet, "project")
router.register("ballots", BallotViewSet, "ballot")
router.register("documents", StationDocumentViewSet, "document")
router.register("news", NewsViewSet, "news")
router.register("bulletins", BulletinViewSet, "bulletin")
router.register("files", FileViewSet, "file")
router.register("jobs", JobViewSet, "job")
router.register("exports", ExportViewSet, "export")
router.register("reports", ReportViewSet, "report")
router.register("seals", SealViewSet, "seal")

app_name = "api"
urlpatterns = [
    path("", include(router.urls)),
    path("figures/", FiguresView.as_view(), name="figures"),
    path("figures/dictionary/", DictionaryView.as_view(), name="dictionary"),
    path("figures/<str:code>/records/", FigureRecordsView.as_view(), name="figure-records"),
    path("coverage/", CoverageView.as_view(), name="coverage"),
    path("coverage/<str:code>/records/", CoverageRecordsView.as_view(), name="coverage-records"),
    path("tasks/", TasksView.as_view(), name="tasks"),
    path("tasks/<str:code>/records/", TaskRecordsView.as_view(), name="task-records"),
    path("quotas/", QuotasView.as_view(), name="quotas"),
    path("quotas/<str:code>/records/", QuotaRecordsView.as_view(), name="quota-records"),
    path("auth/token/", TokenView.as_view(), name="token"),
    path(
        "schema/",
        SpectacularAPIView.as_view(renderer_classes=[OpenApiJsonRenderer2], generator_class=OnceDescribed),
        name="schema",
    ),
    path("docs/", docs, name="docs"),
    re_path("", csrf_exempt(login_not_required(not_found)), name="nothing"),
]
