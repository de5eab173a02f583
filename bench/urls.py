"""The product's addresses, an empty page, and a page that asks the database for nothing but 1."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse
from django.urls import include, path


@login_not_required
def empty(request):
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def select_one(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(f"{cursor.fetchone()[0]}\n", content_type="text/plain")


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/select-one/", select_one),
    path("", include("liaison.urls")),
]
