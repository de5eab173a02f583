"""Every list as a workbook, with what its filter shows. One module for each list, its columns as data."""

from . import activities, appointments, attendances, deputies, proposals, requests, stations, visits
from .listing import Listing

__all__ = ["LISTINGS", "Listing"]

LISTINGS: dict[str, Listing] = {
    module.LISTING.name: module.LISTING
    for module in (stations, deputies, activities, attendances, appointments, visits, requests, proposals)
}
