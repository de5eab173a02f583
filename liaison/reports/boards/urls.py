from django.urls import path

from . import views

app_name = "boards"
urlpatterns = [
    path("", views.board, name="board"),
    path("stations/", views.stations, name="stations"),
]
