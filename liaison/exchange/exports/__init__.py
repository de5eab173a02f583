"""Every list as a workbook, with what its filter shows. One module for each list, its columns as data."""

from . import (
    activities,
    appointments,
    attendances,
    bulletins,
    contacts,
    deputies,
    drafts,
    groups,
    news,
    notices,
    orders,
    projects,
    proposals,
    quotas,
    requests,
    rules,
    stations,
    suggestions,
    tasks,
    visits,
)
from .coverage import OF_COVERAGE
from .listing import Listing

__all__ = ["LISTINGS", "Listing"]

LISTINGS: dict[str, Listing] = {listing.name: listing for listing in OF_COVERAGE} | {
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
        orders,
        suggestions,
        drafts,
        projects,
        proposals,
        tasks,
        quotas,
        news,
        bulletins,
    )
}
