from django.urls import path

from . import views

app_name = "own"
urlpatterns = [
    path("", views.board, name="board"),
    path("<str:code>/", views.records, name="records"),
]
