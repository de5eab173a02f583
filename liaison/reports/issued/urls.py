from django.urls import path

from . import views

app_name = "issued"
urlpatterns = [
    path("", views.reports, name="list"),
    path("<int:pk>/", views.report, name="report"),
]
