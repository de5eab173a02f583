from django.contrib.auth.decorators import login_not_required
from django.urls import path

from . import views

app_name = "screen"
urlpatterns = [
    path("", views.own, name="own"),
    path("links/", views.links, name="links"),
    path("links/<int:pk>/revoke/", views.revoke, name="revoke"),
    path("<secret:secret>/", login_not_required(views.by_link), name="by_link"),
]
