from django.contrib.auth.decorators import login_not_required
from django.urls import path

from . import views

app_name = "track"
urlpatterns = [
    path("", login_not_required(views.find), name="find"),
    path("<secret:secret>/files/<uuid:key>/", login_not_required(views.file), name="file"),
    path("<secret:secret>/", login_not_required(views.track), name="request"),
]
