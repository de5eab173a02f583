"""What two people have asked to be exported: the background work of the demonstration makes the files once it runs."""

from datetime import date

from liaison.accounts.models import Post
from liaison.exchange.exports import LISTINGS
from liaison.exchange.exports.making import ask


def build(office: Post, auditor: Post, *, today: date) -> None:
    """Both want what this year has brought: the office the visits, the auditor the activities."""
    this_year = {"first": [f"{today:%Y}-01-01"], "last": [f"{today:%Y-%m-%d}"]}
    ask(LISTINGS["visits"], this_year, by=office, at_once=False)
    ask(LISTINGS["activities"], this_year, by=auditor, at_once=False)
