"""The address book; the only module that may see every app."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from liaison.core.rest.errors import not_found
from liaison.dashboards.views import home
from liaison.portal.views import front


@login_not_required
def root(request):
    """The public site, or the home of the acting role after sign-in."""
    return home(request) if request.user.is_authenticated else front(request)


# Those with a name of their own first: an address that begins otherwise is past them after one look, where those at the
# root are tried one by one.
urlpatterns = [
    path("orders/", include("suggestions.orders.urls")),
    path("activities/", include("visits.urls")),
    path("appointments/", include("visits.appointments.urls")),
    path("contacts/", include("deputies.contacts.urls")),
    path("deputies/", include("deputies.urls")),
    path("track/", include("suggestions.tracking.urls")),
    path("projects/", include("suggestions.projects.urls")),
    path("news/", include("liaison.bulletin.news.urls")),
    path("bulletins/", include("liaison.bulletin.issues.urls")),
    path("stations/", include("stations.urls")),
    path("dispatch/", include("suggestions.dispatch.urls")),
    path("themes/", include("suggestions.themes.urls")),
    path("board/", include("liaison.reports.boards.urls")),
    path("record/", include("liaison.reports.own.urls")),
    path("screen/", include("liaison.reports.screen.urls")),
    path("superior/", include("liaison.reports.superior.urls")),
    path("coverage/", include("liaison.reports.coverage.urls")),
    path("figures/", include("liaison.reports.urls")),
    path("tasks/", include("liaison.reports.taskboard.urls")),
    path("quotas/", include("liaison.reports.quotas.urls")),
    path("reports/", include("liaison.reports.issued.urls")),
    path("seals/", include("liaison.reports.seals.urls")),
    path("schedules/", include("liaison.reports.schedules.urls")),
    path("imports/", include("liaison.exchange.imports.urls")),
    path("api/v1/", include("liaison.api.urls")),
    re_path("^api/", csrf_exempt(login_not_required(not_found)), name="no_such_api"),
    path("admin/", admin.site.urls),
    path("", include(([path("", root, name="home")], "dashboards"))),
    path("", include("liaison.accounts.urls")),
    path("", include("liaison.core.urls")),
    path("", include("suggestions.urls")),
    path("", include("liaison.portal.urls")),
    path("", include("liaison.exchange.urls")),
]
handler403 = "liaison.core.views.forbidden"
handler500 = "liaison.core.rest.errors.broken"
