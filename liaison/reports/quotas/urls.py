from django.urls import path

from . import views

app_name = "quotas"
urlpatterns = [
    path("", views.board, name="board"),
    path("<str:code>/", views.quota_records, name="records"),
]
