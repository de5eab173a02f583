from django.urls import path

from . import views

app_name = "reports"
urlpatterns = [
    path("", views.figure_board, name="figures"),
    path("<str:code>/", views.figure_records, name="records"),
]
