"""Every list as a workbook, with what its filter shows. One module for each list, its columns as data."""

from . import (
    activities,
    appointments,
    attendances,
    contacts,
    deputies,
    drafts,
    groups,
    notices,
    projects,
    proposals,
    requests,
    rules,
    stations,
    visits,
)
from .listing import Listing

__all__ = ["LISTINGS", "Listing"]

LISTINGS: dict[str, Listing] = {
    module.LISTING.name: module.LISTING
    for module in (
        stations,
        deputies,
        groups,
        contacts,
        rules,
        activities,
        attendances,
        notices,
        appointments,
        visits,
        requests,
        drafts,
        projects,
        proposals,
    )
}
