from django.urls import path

from . import views

app_name = "news"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/photos/", views.photos, name="photos"),
    path("<int:pk>/photos/<int:photo_pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/steps/<str:name>/", views.step, name="step"),
]
