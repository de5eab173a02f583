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
    path("inbox/settings/", views.notice_choice, name="notice_choice"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/file/", views.job_file, name="job_file"),
    path("jobs/<int:pk>/steps/<str:name>/", views.job_step, name="job_step"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
