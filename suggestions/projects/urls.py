from django.urls import path

from . import views

app_name = "projects"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new/", views.new, name="new"),
    path("ballots/new/", views.new_ballot, name="new_ballot"),
    path("ballots/<int:pk>/", views.ballot, name="ballot"),
    path("ballots/<int:pk>/result.pdf", views.sheet, name="sheet"),
    path("ballots/<int:pk>/void/", views.void, name="void"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/photos/", views.photos, name="photos"),
    path("<int:pk>/photos/<uuid:key>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/steps/<str:name>/", views.step, name="step"),
]
