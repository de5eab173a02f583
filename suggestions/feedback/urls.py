from django.urls import path

from . import views

urlpatterns = [
    path("requests/callbacks/", views.callbacks, name="callbacks"),
    path("requests/<str:number>/no-answer/", views.no_answer, name="no_answer"),
    path("requests/<str:number>/slip/", views.slip, name="slip"),
]
