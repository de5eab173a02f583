from django.urls import path

from . import views

app_name = "schedules"
urlpatterns = [
    path("", views.schedules, name="list"),
    path("<int:pk>/", views.schedule, name="schedule"),
]
