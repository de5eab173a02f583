from django.urls import path

from . import views

app_name = "boards"
urlpatterns = [
    path("", views.board, name="board"),
    path("later/", views.later, name="later"),
    path("stations/", views.stations, name="stations"),
]
