from django.urls import path

from . import files, views

app_name = "orders"
urlpatterns = [
    path("", views.list_, name="list"),
    path("options/", views.options, name="options"),
    path("<str:number>/", views.detail, name="detail"),
    path("<str:number>/files/<uuid:key>/", files.opened, name="file"),
    path("<str:number>/steps/<str:name>/", views.step, name="step"),
]
