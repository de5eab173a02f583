"""The button 导出 of every list."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from liaison.core.access import roles

from . import LISTINGS
from .making import ask

READERS = {role for listing in LISTINGS.values() for role in listing.roles}


@roles(*READERS)
@require_POST
def export(request, name):
    """Make the list as it is filtered; the file at once where it is short, else the page of its job.

    The filter comes by POST, so that no name or number stands in an address.
    """
    listing = LISTINGS.get(name)
    if listing is None:
        raise Http404
    if request.post.role not in listing.roles:
        raise PermissionDenied
    job = ask(listing, listing.fields(request.POST), by=request.post)
    return redirect("core:job_file", job.pk) if job.file else redirect(job)
