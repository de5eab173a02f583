"""What may happen to an activity, to a deputy's place on its roster and to an objection to it, to an appointment, and to
a sheet of paper.

Read the tables first; each row is a method.
"""

from django.db import models

from liaison.accounts.models import Role
from liaison.core.workflow import Step


class ActivityState(models.TextChoices):
    PLANNED = "PLANNED", "已计划"
    ANNOUNCED = "ANNOUNCED", "已公示"
    OPEN = "OPEN", "进行中"
    CLOSED = "CLOSED", "已结束"
    CANCELLED = "CANCELLED", "已取消"


class AttendanceState(models.TextChoices):
    ROSTERED = "ROSTERED", "已排班"
    CONFIRMED = "CONFIRMED", "已确认"
    PRESENT = "PRESENT", "已到"
    LEAVE_ASKED = "LEAVE_ASKED", "申请请假"
    LEAVE = "LEAVE", "请假"
    ABSENT = "ABSENT", "缺席"
    SUBSTITUTED = "SUBSTITUTED", "已替换"


class AppointmentState(models.TextChoices):
    ASKED = "ASKED", "待答复"
    PROPOSED = "PROPOSED", "等本人答复"
    CONFIRMED = "CONFIRMED", "已约好"
    DECLINED = "DECLINED", "不能安排"
    HELD = "HELD", "已约见"
    MISSED = "MISSED", "没有见成"
    WITHDRAWN = "WITHDRAWN", "本人撤回"


class SheetState(models.TextChoices):
    ISSUED = "ISSUED", "未录入"
    USED = "USED", "已录入"
    VOID = "VOID", "已作废"


class ContestState(models.TextChoices):
    """What became of a deputy's objection to an entry of the roster."""

    OPEN = "OPEN", "待答复"
    UPHELD = "UPHELD", "已更正"
    KEPT = "KEPT", "维持原记录"
    DROPPED = "DROPPED", "已撤回"


_A, _P, _S = ActivityState, AttendanceState, SheetState
_B = AppointmentState
DESK = (Role.STATION, Role.OFFICE)
EXPECTED = (_P.ROSTERED, _P.CONFIRMED)
AHEAD = (_A.PLANNED, _A.ANNOUNCED)
WORKING = (*AHEAD, _A.OPEN)  # neither over nor cancelled
SETTLED = (
    _P.PRESENT,
    _P.LEAVE_ASKED,
    _P.LEAVE,
    _P.ABSENT,
    _P.SUBSTITUTED,
)  # what may stand when a day is closed

# By which ways in a role may log a visit. Whoever is not named logs through what has its own door (import, demo).
EVERY_WAY = ("VISIT", "PHONE", "LETTER", "MAILBOX", "WALK", "DOOR", "ONLINE")
ROUNDS = ("WALK", "DOOR")  # what is heard outside the station
WAYS_IN = {Role.STATION: EVERY_WAY, Role.DEPUTY: ROUNDS}

# Appointments. Who asked comes by the secret link and has no role, for there is no account.
PERSON = "PERSON"
ANSWERERS = (Role.STATION, Role.DEPUTY)
LIVE = (_B.ASKED, _B.PROPOSED, _B.CONFIRMED)
FREED = (_B.DECLINED, _B.WITHDRAWN)  # the slot is anybody's again

# fmt: off
ACTIVITY_FLOW = {
    # step        what it is        who             from                         to
    "announce": Step("公示",        DESK,           (_A.PLANNED,),               _A.ANNOUNCED),
    "begin":    Step("开始接待",    (Role.STATION,), AHEAD,                      _A.OPEN),
    "close":    Step("结束接待",    (Role.STATION,), WORKING,                    _A.CLOSED),
    "reopen":   Step("重新打开补录", DESK,          (_A.CLOSED,),                _A.OPEN),
    "move":     Step("改期",        DESK,           AHEAD,                       _A.PLANNED),
    "cancel":   Step("取消",        DESK,           WORKING,                     _A.CANCELLED),
    "announce_cancel": Step("公示取消", DESK,       (_A.CANCELLED,),             _A.CANCELLED),
}

ATTENDANCE_FLOW = {
    # step           what it is     who                            from                                   to
    "confirm":      Step("确认参加", (Role.DEPUTY, Role.STATION),  (_P.ROSTERED, _P.LEAVE_ASKED),         _P.CONFIRMED),
    "ask_leave":    Step("请假",     (Role.DEPUTY, Role.STATION),  EXPECTED,                              _P.LEAVE_ASKED),
    "grant_leave":  Step("准假",     DESK,                         (_P.LEAVE_ASKED,),                     _P.LEAVE),
    "refuse_leave": Step("不准假",   DESK,                         (_P.LEAVE_ASKED,),                     _P.ROSTERED),
    "arrive":       Step("扫码签到", (Role.DEPUTY,),               (*EXPECTED, _P.LEAVE_ASKED, _P.LEAVE, _P.ABSENT), _P.PRESENT),
    "check_in":     Step("签到",     (Role.STATION,),              (*EXPECTED, _P.LEAVE_ASKED, _P.LEAVE, _P.ABSENT, _P.SUBSTITUTED), _P.PRESENT),
    "mark_absent":  Step("记缺席",   (Role.STATION,),              (*EXPECTED, _P.LEAVE_ASKED, _P.PRESENT), _P.ABSENT),
    "substitute":   Step("换人",     DESK,                         (*EXPECTED, _P.LEAVE_ASKED, _P.LEAVE), _P.SUBSTITUTED),
}

APPOINTMENT_FLOW = {
    # step        what it is          who                      from                            to
    "confirm":   Step("确认约见",      ANSWERERS,               (_B.ASKED,),                    _B.CONFIRMED),
    "propose":   Step("另约时间",      ANSWERERS,               LIVE,                           _B.PROPOSED),
    "decline":   Step("答复不能安排",  ANSWERERS,               LIVE,                           _B.DECLINED),
    "accept":    Step("同意改约",      (Role.STATION, PERSON),  (_B.PROPOSED,),                 _B.CONFIRMED),
    "turn_down": Step("不同意改约",    (Role.STATION, PERSON),  (_B.PROPOSED,),                 _B.ASKED),
    "withdraw":  Step("撤回约见",      (Role.STATION, PERSON),  LIVE,                           _B.WITHDRAWN),
    "phone":     Step("已电话通知",    (Role.STATION,),         (_B.PROPOSED, _B.CONFIRMED, _B.DECLINED), None),
    "hold":      Step("关联来访登记",  (Role.STATION,),         (_B.CONFIRMED,),                _B.HELD),
    "miss":      Step("登记没有见成",  (Role.STATION,),         (_B.CONFIRMED,),                _B.MISSED),
}

SHEET_FLOW = {
    # step      what it is    who                           from            to
    "fill":    Step("录入",   (Role.STATION, Role.DEPUTY),  (_S.ISSUED,),   _S.USED),
    "void":    Step("作废",   (Role.STATION,),              (_S.ISSUED,),   _S.VOID),
    "restore": Step("恢复",   (Role.STATION,),              (_S.VOID,),     _S.ISSUED),
}

# A deputy's objection to what a closed day says of one. The day stays closed; the correction is an entry of its own.
CONTEST_FLOW = {
    # step              what it is        who             from                                               to
    "contest":         Step("提出异议",   (Role.DEPUTY,), SETTLED,                                           None),
    "drop_contest":    Step("撤回异议",   (Role.DEPUTY,), SETTLED,                                           None),
    "correct_present": Step("更正为已到", DESK,           (_P.LEAVE_ASKED, _P.LEAVE, _P.ABSENT, _P.SUBSTITUTED), _P.PRESENT),
    "correct_leave":   Step("更正为请假", DESK,           (_P.PRESENT, _P.LEAVE_ASKED, _P.ABSENT, _P.SUBSTITUTED), _P.LEAVE),
    "keep":            Step("维持原记录", DESK,           SETTLED,                                           None),
}
# fmt: on
