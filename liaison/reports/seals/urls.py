from django.urls import path

from . import views

app_name = "seals"
urlpatterns = [
    path("", views.seals, name="list"),
    path("<int:pk>/", views.seal, name="seal"),
    path("<int:pk>/verify/", views.verify, name="verify"),
    path("<int:pk>/report/", views.printed, name="report"),
    path("<int:pk>/correct/", views.correct, name="correct"),
]
