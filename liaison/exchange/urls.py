from django.urls import path

from .exports import views as exports

app_name = "exchange"
urlpatterns = [
    path("exports/<str:name>/", exports.export, name="export"),
]
