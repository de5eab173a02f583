from django.urls import path

from . import views
from .dictionary.views import dictionary

app_name = "reports"
urlpatterns = [
    path("", views.figure_board, name="figures"),
    path("dictionary/", dictionary, name="dictionary"),
    path("<str:code>/", views.figure_records, name="records"),
    path("<str:code>/number/", views.figure_number, name="number"),
]
