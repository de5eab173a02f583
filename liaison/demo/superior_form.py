"""The monthly form that the city sends to its counties: brought by the office, told once, filled by itself every month."""

from datetime import date, timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile

from liaison.accounts.models import Post
from liaison.core.models import Attachment
from liaison.core.workdays import month_start
from liaison.reports.models import SuperiorForm
from liaison.reports.superior.blank import guesses, sheets_of
from liaison.reports.superior.models import Content

TITLE = "代表联络站工作月报表"
LABELS = (
    "接待日（次）", "接待群众（人次）", "收到诉求（件）", "派单（件）", "办结（件）", "超期（件）", "代表进站（人次）",
)  # fmt: skip


def build(office: Post, *, today: date) -> None:
    """Entered by the office some weeks ago, with what belongs where as the labels say, and the words around it."""
    form = SuperiorForm(name=TITLE, area=office.area, by=office, monthly=True).enter(by=office)
    form.amend(by=office, deed="bring", file=Attachment.objects.keep_paper(form, _blank(), by=office))
    words = {form.key("月报", "B2"): Content("word.area"), form.key("月报", "D2"): Content("word.period")}
    form.put({**guesses(form, sheets_of(form)), **words}, by=office)
    form.amend(by=None, deed="monthly", filled_to=month_start(today) - timedelta(days=1))


def _blank() -> SimpleUploadedFile:
    from openpyxl import Workbook  # slow to import
    from openpyxl.styles import Alignment, Border, Font, Side

    book = Workbook()
    sheet = book.active
    sheet.title = "月报"
    sheet.append([TITLE])
    sheet.append(["填报单位：", None, "统计期：", None])
    sheet.append(["项目", "本月", "上年同期", "本年累计"])
    for label in LABELS:
        sheet.append([label])
    sheet.merge_cells("A1:D1")
    sheet["A1"].font, sheet["A1"].alignment = Font(size=16, bold=True), Alignment(horizontal="center")
    thin = Side(style="thin")
    for row in sheet.iter_rows(min_row=3, max_col=4):
        for cell in row:
            cell.border = Border(thin, thin, thin, thin)
    for column, width in zip("ABCD", (26, 18, 18, 30), strict=True):
        sheet.column_dimensions[column].width = width
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("blank.xlsx", out.getvalue())
