from django.urls import path

from . import views

app_name = "coverage"
urlpatterns = [
    path("", views.coverage_board, name="board"),
    path("<str:code>/", views.coverage_records, name="records"),
]
