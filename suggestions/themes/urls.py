from django.urls import path

from . import views

app_name = "themes"
urlpatterns = [
    path("", views.list_, name="list"),
    path("found/", views.found, name="found"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/steps/<str:name>/", views.step, name="step"),
]
