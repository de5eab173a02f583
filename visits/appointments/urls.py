from django.contrib.auth.decorators import login_not_required
from django.urls import path, register_converter

from liaison.core.link_pages import Secret
from visits.views import appointments, booking


class Number:
    """YY2026-00012"""

    regex = r"YY\d{4}-\d{5,8}"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


register_converter(Number, "appointment")
register_converter(Secret, "secret")

app_name = "appointments"
urlpatterns = [
    path("", appointments.list_, name="list"),
    path("enter/", appointments.enter, name="enter"),
    path("new/", login_not_required(booking.new), name="new"),
    path("find/", login_not_required(booking.find), name="find"),
    path("<appointment:number>/", appointments.detail, name="detail"),
    path("<appointment:number>/steps/<str:name>/", appointments.step, name="step"),
    path("<secret:secret>/", login_not_required(booking.asked), name="asked"),
]
