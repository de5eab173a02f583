from django.urls import path

from . import views

app_name = "dispatch"
urlpatterns = [
    path("", views.waiting, name="list"),
    path("confirm/", views.confirm, name="confirm"),
]
