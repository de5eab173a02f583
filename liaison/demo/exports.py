"""What two people have asked for: exports, and reports of the last quarter. Background work makes the files once it runs."""

from datetime import date

from liaison.accounts.models import Post
from liaison.exchange.exports import LISTINGS
from liaison.exchange.exports.making import ask
from liaison.reports.issued.models import Format
from liaison.reports.models import Report
from liaison.reports.periods import presets


def build(office: Post, auditor: Post, *, today: date) -> None:
    """Both want what this year has brought: the office the visits, the auditor the activities."""
    this_year = {"first": [f"{today:%Y}-01-01"], "last": [f"{today:%Y-%m-%d}"]}
    ask(LISTINGS["visits"], this_year, by=office, at_once=False)
    ask(LISTINGS["activities"], this_year, by=auditor, at_once=False)
    _, quarter = presets(today)["last_quarter"]
    for post, file_format in ((office, Format.XLSX), (auditor, Format.CSV)):
        Report.objects.ask(by=post, area=post.area, period=quarter, file_format=file_format)
