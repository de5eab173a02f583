from django.contrib.auth.decorators import login_not_required
from django.urls import path

from . import views

app_name = "portal"
urlpatterns = [
    path("accessibility/", login_not_required(views.accessibility), name="accessibility"),
    path("privacy/", login_not_required(views.privacy), name="privacy"),
]
