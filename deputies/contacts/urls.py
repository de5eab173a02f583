from django.urls import path

from . import views

app_name = "contacts"
urlpatterns = [
    path("", views.list_, name="list"),
    path("voters/new/", views.new_voter, name="new_voter"),
    path("new/", views.new, name="new"),
    path("coverage/", views.coverage, name="coverage"),
    path("leaders/", views.leaders, name="leaders"),
    path("leaders/<int:pk>/end/", views.end_leader, name="end_leader"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/record/", views.record, name="record"),
    path("<int:pk>/voter/", views.voter, name="voter"),
    path("<int:pk>/end/", views.end, name="end"),
    path("records/<int:pk>/void/", views.void, name="void"),
]
