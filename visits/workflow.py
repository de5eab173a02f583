"""What may happen to an activity and to a deputy's place on its roster. Read the tables first; each row is a method."""

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


class SheetState(models.TextChoices):
    ISSUED = "ISSUED", "未录入"
    USED = "USED", "已录入"
    VOID = "VOID", "已作废"


_A, _P, _S = ActivityState, AttendanceState, SheetState
DESK = (Role.STATION, Role.OFFICE)
EXPECTED = (_P.ROSTERED, _P.CONFIRMED)
AHEAD = (_A.PLANNED, _A.ANNOUNCED)

# By which ways in a role may log a visit. Whoever is not named logs through what has its own door (import, demo).
EVERY_WAY = ("VISIT", "PHONE", "LETTER", "MAILBOX", "WALK", "DOOR", "ONLINE")
ROUNDS = ("WALK", "DOOR")  # what is heard outside the station
WAYS_IN = {Role.STATION: EVERY_WAY, Role.DEPUTY: ROUNDS}

# fmt: off
ACTIVITY_FLOW = {
    # step        what it is        who             from                         to
    "announce": Step("公示",        DESK,           (_A.PLANNED,),               _A.ANNOUNCED),
    "begin":    Step("开始接待",    (Role.STATION,), AHEAD,                      _A.OPEN),
    "close":    Step("结束接待",    (Role.STATION,), (*AHEAD, _A.OPEN),          _A.CLOSED),
    "reopen":   Step("重新打开补录", DESK,          (_A.CLOSED,),                _A.OPEN),
    "move":     Step("改期",        DESK,           AHEAD,                       _A.PLANNED),
    "cancel":   Step("取消",        DESK,           (*AHEAD, _A.OPEN),           _A.CANCELLED),
    "announce_cancel": Step("公示取消", DESK,       (_A.CANCELLED,),             _A.CANCELLED),
}

ATTENDANCE_FLOW = {
    # step           what it is     who                            from                                   to
    "confirm":      Step("确认参加", (Role.DEPUTY, Role.STATION),  (_P.ROSTERED, _P.LEAVE_ASKED),         _P.CONFIRMED),
    "ask_leave":    Step("请假",     (Role.DEPUTY, Role.STATION),  EXPECTED,                              _P.LEAVE_ASKED),
    "grant_leave":  Step("准假",     DESK,                         (_P.LEAVE_ASKED,),                     _P.LEAVE),
    "refuse_leave": Step("不准假",   DESK,                         (_P.LEAVE_ASKED,),                     _P.ROSTERED),
    "check_in":     Step("签到",     (Role.STATION,),              (*EXPECTED, _P.LEAVE_ASKED, _P.LEAVE, _P.ABSENT), _P.PRESENT),
    "mark_absent":  Step("记缺席",   (Role.STATION,),              (*EXPECTED, _P.LEAVE_ASKED, _P.PRESENT), _P.ABSENT),
    "substitute":   Step("换人",     DESK,                         (*EXPECTED, _P.LEAVE_ASKED, _P.LEAVE), _P.SUBSTITUTED),
}

SHEET_FLOW = {
    # step      what it is    who                           from            to
    "fill":    Step("录入",   (Role.STATION, Role.DEPUTY),  (_S.ISSUED,),   _S.USED),
    "void":    Step("作废",   (Role.STATION,),              (_S.ISSUED,),   _S.VOID),
    "restore": Step("恢复",   (Role.STATION,),              (_S.VOID,),     _S.ISSUED),
}
# fmt: on
