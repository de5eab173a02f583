from django.urls import path

from . import views

app_name = "boards"
urlpatterns = [
    path("", views.board, name="board"),
    path("coverage/", views.coverage, name="coverage"),
    path("stations/", views.stations, name="stations"),
]
