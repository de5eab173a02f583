"""Included by `suggestions.urls`, in its namespace."""

from django.urls import path

from . import views

urlpatterns = [
    path("orders/<str:number>/papers/", views.papers, name="papers"),
    path("orders/<str:number>/papers/<str:slug>.<str:form>", views.paper, name="paper"),
    path("papers/", views.templates, name="paper_templates"),
    path("papers/<str:slug>/", views.template, name="paper_template"),
    path("papers/<str:slug>/withdraw/", views.template_withdraw, name="paper_template_withdraw"),
    path("papers/<str:slug>/<str:what>.docx", views.template_file, name="paper_template_file"),
]
