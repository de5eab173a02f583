from django.urls import path

from .views import door, log, requests, visits

app_name = "suggestions"
urlpatterns = [
    path("activities/<int:pk>/log/", log.log, name="log"),
    path("visits/", visits.visits, name="visits"),
    path("visits/new/", visits.new, name="visit_new"),
    path("visits/door/", door.door, name="door"),
    path("visits/find/", visits.find, name="find"),
    path("visits/known/", log.known, name="known"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
    path("visits/<int:pk>/edit/", visits.edit, name="visit_edit"),
    path("visits/<int:pk>/void/", visits.void, name="visit_void"),
    path("visits/<int:pk>/photos/", door.photos, name="visit_photos"),
    path("requests/", requests.requests, name="requests"),
    path("requests/<str:number>/", requests.detail, name="request"),
]
