from django.urls import include, path

from .feedback.urls import urlpatterns as feedback
from .followups.urls import urlpatterns as followups
from .papers.urls import urlpatterns as papers
from .views import door, drafts, log, opinions, person, requests, visits

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
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/new/", drafts.new, name="draft_new"),
    path("drafts/<int:pk>/", drafts.draft, name="draft"),
    path("drafts/<int:pk>/edit/", drafts.edit, name="draft_edit"),
    path("drafts/<int:pk>/steps/<str:name>/", drafts.step, name="draft_step"),
    path("drafts/<int:pk>/summary.<str:form>", drafts.summary, name="draft_summary"),
    path("drafts/<int:pk>/opinions/", opinions.opinions, name="opinions"),
    path("drafts/<int:pk>/opinions/new/", opinions.new, name="opinion_new"),
    path("opinions/<str:number>/", opinions.opinion, name="opinion"),
    path("opinions/<str:number>/edit/", opinions.edit, name="opinion_edit"),
    path("opinions/<str:number>/void/", opinions.void, name="opinion_void"),
    path("opinions/<str:number>/decide/", opinions.decide, name="opinion_decide"),
    path("suggestions/", include("suggestions.by_deputies.urls")),
    *feedback,
    *followups,
    path("requests/", requests.requests, name="requests"),
    path("requests/find/", requests.find, name="request_find"),
    path("requests/<str:number>/", requests.detail, name="request"),
    path("requests/<str:number>/near/", requests.near, name="request_near"),
    path("requests/<str:number>/steps/<str:name>/", requests.step, name="request_step"),
    path("requests/<str:number>/about/", person.about, name="about"),
    path("requests/<str:number>/person/", person.person, name="request_person"),
    *papers,
]
