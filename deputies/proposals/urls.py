from django.urls import path

from . import views

urlpatterns = [
    path("", views.list_, name="proposals"),
    path("new/", views.new, name="new_proposal"),
    path("<int:pk>/", views.detail, name="proposal"),
    path("<int:pk>/steps/<str:name>/", views.step, name="proposal_step"),
    path("rows/<int:pk>/", views.row, name="proposal_row"),
]
