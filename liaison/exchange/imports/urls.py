from django.urls import path

from . import views

app_name = "imports"
urlpatterns = [
    path("", views.start, name="start"),
    path("template.xlsx", views.template, name="template"),
    path("<uuid:key>/", views.check_, name="check"),
    path("<uuid:key>/rejected.xlsx", views.rejected, name="rejected"),
]
