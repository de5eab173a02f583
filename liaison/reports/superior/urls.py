from django.urls import path

from . import views

app_name = "superior"
urlpatterns = [
    path("", views.forms, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.form, name="form"),
    path("<int:pk>/cells/<int:number>/<str:ref>/", views.cell, name="cell"),
    path("<int:pk>/guess/", views.guess, name="guess"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/fill/", views.fill, name="fill"),
    path("<int:pk>/blank.xlsx", views.blank, name="blank"),
]
