from django.urls import path

from . import views

app_name = "tasks"
urlpatterns = [
    path("", views.board, name="board"),
    path("documents/new/", views.new_document, name="new_document"),
    path("documents/<int:pk>/", views.document, name="document"),
    path("documents/<int:pk>/void/", views.void, name="void"),
    path("<str:code>/", views.task_records, name="records"),
]
