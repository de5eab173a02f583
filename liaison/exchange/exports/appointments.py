"""约见: who asked for a deputy and what came of it; the person masked for everybody."""

from visits.filters import AppointmentFilter
from visits.models import Appointment
from visits.privacy import exported_person, shown_subject
from visits.views import READERS

from .listing import Asked, Column, Listing, column


def _name(found: Appointment, asked: Asked) -> str:
    return exported_person(found, asked.post).name


def _phone(found: Appointment, asked: Asked) -> str:
    return exported_person(found, asked.post).phone


def _subject(found: Appointment, asked: Asked) -> str:
    return shown_subject(found.subject, asked.post)


def _wish(found: Appointment, asked: Asked) -> str:
    return shown_subject(found.wish, asked.post)


LISTING = Listing(
    name="appointments",
    title="约见",
    roles=READERS,
    filter=AppointmentFilter,
    scope=Appointment.objects.visible_to,
    order=("-pk",),
    chosen=lambda asked: asked.filter.qs.select_related(
        "station", "activity", "category", "mandate__deputy", "applicant", "visit"
    ),
    columns=(
        column("编号", "number", 14),
        column("收到时间", "created_at", 16),
        column("站点编号", "station.code", 10),
        column("站点", "station.name", 26),
        column("渠道", "get_channel_display", 7),
        Column("约见人", _name, 12),
        Column("手机", _phone, 14),
        column("代表", "deputy_name", 12),
        column("接待日编号", "activity.number", 16),
        column("日期", "day", 11),
        column("时间", "at", 7),
        Column("希望的时间", _wish, 20),
        column("类别", "category.name", 12),
        Column("想谈什么事", _subject, 40),
        column("状态", "get_state_display", 10),
        column("最迟答复日期", "answer_by", 12),
        column("电话通知时间", "phoned_at", 16),
        column("没见成的原因", "get_missed_by_display", 12),
        column("来访登记", "visit.number", 17),
    ),
)
