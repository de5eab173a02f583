"""What two people have asked to be exported: the background work of the demonstration makes the files once it runs."""

from datetime import date

from liaison.accounts.models import Post
from liaison.exchange.exports import LISTINGS
from liaison.exchange.exports.making import ask


def build(office: Post, auditor: Post, *, today: date) -> None:
    """The office wants this year's visits, the auditor the activities of the year before."""
    this_year = {"first": [f"{today:%Y}-01-01"], "last": [f"{today:%Y-%m-%d}"]}
    last_year = {"first": [f"{today.year - 1}-01-01"], "last": [f"{today.year - 1}-12-31"]}
    ask(LISTINGS["visits"], this_year, by=office, at_once=False)
    ask(LISTINGS["activities"], last_year, by=auditor, at_once=False)
