from django.urls import include, path

import stations.urls  # noqa: F401 — knows what a station's code looks like

from . import views

app_name = "deputies"
urlpatterns = [
    path("", views.list_, name="list"),
    path("me/", views.me, name="me"),
    path("new/", views.new, name="new"),
    path("options/", views.options, name="options"),
    path("groups/", views.groups, name="groups"),
    path("groups/new/", views.new_group, name="new_group"),
    path("groups/<int:pk>/", views.group, name="group"),
    path("groups/<int:pk>/edit/", views.edit_group, name="edit_group"),
    path("members/<int:pk>/end/", views.end_membership, name="end_membership"),
    path("mandates/<int:pk>/end/", views.end_mandate, name="end_mandate"),
    path("mandates/<int:pk>/assign/", views.assign, name="assign"),
    path("assignments/<int:pk>/end/", views.end_assignment, name="end_assignment"),
    path("proposals/", include("deputies.proposals.urls")),
    path("codes/<station:code>/", views.station_codes, name="station_codes"),
    path("codes/<station:code>/plate.pdf", views.plate, name="plate"),
    path("codes/<station:code>/signs.pdf", views.table_signs, name="table_signs"),
    path("codes/<int:pk>/steps/<str:name>/", views.code_step, name="code_step"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/codes/", views.deputy_codes, name="deputy_codes"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/mandates/new/", views.new_mandate, name="new_mandate"),
]
