from django.contrib.auth.decorators import login_not_required
from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("login/", login_not_required(views.SignIn.as_view()), name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password, name="password"),
    path("act/", views.act, name="act"),
]
