from django.template.response import TemplateResponse


def front(request):
    """The public front page."""
    return TemplateResponse(request, "portal/front.html", {})
