from django.template.response import TemplateResponse


def home(request):
    """The first page after sign-in, by acting role."""
    return TemplateResponse(request, "dashboards/home.html", {})
