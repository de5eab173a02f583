from django.urls import path

from . import views

app_name = "core"
urlpatterns = [
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("sw.js", views.worker, name="worker"),
    path("size/", views.size, name="size"),
    path("files/<uuid:key>/", views.file, name="file"),
    path("inbox/", views.inbox, name="inbox"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
