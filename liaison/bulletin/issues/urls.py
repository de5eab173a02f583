from django.urls import path

from . import views

app_name = "bulletins"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/compose/", views.compose, name="compose"),
    path("<int:pk>/items/<int:line_pk>/", views.line, name="line"),
    path("<int:pk>/paper.<str:form>", views.paper, name="paper"),
    path("<int:pk>/steps/<str:name>/", views.step, name="step"),
]
