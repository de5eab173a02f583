from django.urls import path

from . import views

urlpatterns = [
    path("", views.list_, name="suggestions"),
    path("new/", views.new, name="suggestion_new"),
    path("options/", views.options, name="suggestion_options"),
    path("<int:pk>/", views.detail, name="suggestion"),
    path("<int:pk>/edit/", views.edit, name="suggestion_edit"),
    path("<int:pk>/items/", views.items, name="suggestion_items"),
    path("<int:pk>/parties/", views.parties, name="suggestion_parties"),
    path("<int:pk>/steps/<str:name>/", views.step, name="suggestion_step"),
    path("parties/<int:pk>/", views.entry, name="suggestion_entry"),
]
