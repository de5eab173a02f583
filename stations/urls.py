from django.urls import path, register_converter

from . import views


class StationCode:
    """What can be a station's code: anything printable without a slash. The database takes no NUL."""

    regex = r"[^/\x00-\x1f]{1,20}"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


register_converter(StationCode, "station")

app_name = "stations"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new/", views.new, name="new"),
    path("options/", views.options, name="options"),
    path("<station:code>/", views.detail, name="detail"),
    path("<station:code>/edit/", views.edit, name="edit"),
    path("<station:code>/photos/", views.photos, name="photos"),
    path("<station:code>/photos/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<station:code>/staff/", views.staff, name="staff"),
    path("<station:code>/staff/<int:pk>/end/", views.end_staff, name="end_staff"),
    path("<station:code>/rules/", views.rules, name="rules"),
    path("<station:code>/rules/<int:pk>/edit/", views.edit_rule, name="edit_rule"),
]
