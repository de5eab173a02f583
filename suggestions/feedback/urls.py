from django.urls import path, register_converter

from . import views
from .forms import AFTER_FORMS


class After:
    """The steps after the answer."""

    regex = "|".join(AFTER_FORMS)

    def to_python(self, value):
        return value

    def to_url(self, value):
        if value not in AFTER_FORMS:
            raise ValueError(value)
        return value


register_converter(After, "after")

urlpatterns = [
    path("requests/callbacks/", views.callbacks, name="callbacks"),
    path("requests/<str:number>/no-answer/", views.no_answer, name="no_answer"),
    path("requests/<str:number>/slip/", views.slip, name="slip"),
    path("requests/<str:number>/steps/<after:name>/", views.step, name="after_step"),
]
