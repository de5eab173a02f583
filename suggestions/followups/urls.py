from django.urls import path

from . import views

urlpatterns = [
    path("requests/<str:number>/followups/new/", views.new, name="followup_new"),
    path("requests/<str:number>/followups/<int:pk>/void/", views.void, name="followup_void"),
    path("requests/<str:number>/followups/<int:pk>/photos/", views.photos, name="followup_photos"),
    path("requests/<str:number>/follower/", views.follower, name="follower"),
]
