"""The life of a request, of an order, and of a draft. Read the tables first; the model has one method for each row.

A row without roles is nobody's button: another thing's step brings it about.
"""

from django.db import models

from liaison.accounts.models import Role
from liaison.core.workflow import Step
from visits.workflow import PERSON


class RequestState(models.TextChoices):
    REGISTERED = "REGISTERED", "待派单"
    TRIAGED = "TRIAGED", "已研判"
    ANSWERED_ON_SPOT = "ANSWERED_ON_SPOT", "现场答复"
    NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理"
    DISPATCHED = "DISPATCHED", "待接单"
    HANDLING = "HANDLING", "办理中"
    REPLIED = "REPLIED", "已答复"
    FED_BACK = "FED_BACK", "待评价"
    RATED = "RATED", "已评价"
    REHANDLING = "REHANDLING", "重办中"
    TRACKING = "TRACKING", "承诺跟踪"
    CLOSED = "CLOSED", "已办结"
    WITHDRAWN = "WITHDRAWN", "已撤回"


_R = RequestState
_OFFICE, _DESK = (Role.OFFICE,), (Role.STATION, Role.OFFICE)
TO_DISPATCH = (_R.REGISTERED, _R.TRIAGED)
IN_HAND = (_R.DISPATCHED, _R.HANDLING, _R.REHANDLING)  # a department owes an answer
TO_FINISH = (_R.REPLIED, _R.FED_BACK, _R.TRACKING)  # answered, and something is still to be done
ENDED = (_R.ANSWERED_ON_SPOT, _R.NOT_ACCEPTED, _R.CLOSED, _R.WITHDRAWN)

# fmt: off
REQUEST_FLOW: dict[str, Step] = {
    # step            what it is         who               from                                   to
    "triage":    Step("研判",            _OFFICE,          (_R.REGISTERED,),                      _R.TRIAGED),
    "answer":    Step("登记现场答复",    _DESK,            TO_DISPATCH,                           _R.ANSWERED_ON_SPOT),
    "decline":   Step("不予受理",        _DESK,            TO_DISPATCH,                           _R.NOT_ACCEPTED),
    "dispatch":  Step("派单",            _OFFICE,          TO_DISPATCH,                           _R.DISPATCHED),
    "begin":     Step("开始办理",        (),               (_R.DISPATCHED,),                      _R.HANDLING),
    "come_back": Step("退回重新派单",    (),               IN_HAND,                               _R.TRIAGED),
    "reply":     Step("答复",            (),               IN_HAND,                               _R.REPLIED),
    "unreply":   Step("答复退回重写",    (),               (_R.REPLIED,),                         _R.HANDLING),
    "feed_back": Step("告知本人",        _DESK,            (_R.REPLIED,),                         _R.FED_BACK),
    "rate":      Step("评价",            (PERSON, Role.STATION), (_R.FED_BACK,),                  _R.RATED),
    "rehandle":  Step("重新办理",        _OFFICE,          (_R.FED_BACK, _R.RATED, _R.TRACKING),  _R.REHANDLING),
    "track":     Step("转入承诺跟踪",    _OFFICE,          (_R.FED_BACK, _R.RATED),               _R.TRACKING),
    "close":     Step("办结",            _OFFICE,          (_R.FED_BACK, _R.RATED, _R.TRACKING),  _R.CLOSED),
    "withdraw":  Step("登记本人撤回",    _DESK,            (*TO_DISPATCH, *IN_HAND, _R.REPLIED),  _R.WITHDRAWN),
}
# fmt: on


class OrderState(models.TextChoices):
    ISSUED = "ISSUED", "待接单"
    ACCEPTED = "ACCEPTED", "办理中"
    RETURN_ASKED = "RETURN_ASKED", "申请退回"
    RETURNED = "RETURNED", "已退回"
    REPLIED = "REPLIED", "已答复"
    OPINED = "OPINED", "已提意见"
    CANCELLED = "CANCELLED", "已撤销"


_O = OrderState
_UNIT = (Role.UNIT,)
OPEN_ORDERS = (_O.ISSUED, _O.ACCEPTED, _O.RETURN_ASKED)
ANSWERED_ORDERS = (_O.REPLIED, _O.OPINED)

# fmt: off
ORDER_FLOW: dict[str, Step] = {
    # step                   what it is        who                                     from                        to
    "accept":           Step("接单",           _UNIT,                                  (_O.ISSUED,),               _O.ACCEPTED),
    "ask_return":       Step("申请退回",       _UNIT,                                  (_O.ISSUED, _O.ACCEPTED),   _O.RETURN_ASKED),
    "grant_return":     Step("同意退回",       _OFFICE,                                (_O.RETURN_ASKED,),         _O.RETURNED),
    "refuse_return":    Step("不同意退回",     _OFFICE,                                (_O.RETURN_ASKED,),         _O.ACCEPTED),
    "report":           Step("写办理进展",     _UNIT,                                  (_O.ACCEPTED,),             None),
    "ask_extension":    Step("申请延期",       _UNIT,                                  (_O.ACCEPTED,),             None),
    "grant_extension":  Step("同意延期",       _OFFICE,                                (_O.ACCEPTED,),             None),
    "refuse_extension": Step("不同意延期",     _OFFICE,                                (_O.ACCEPTED,),             None),
    "opine":            Step("提出会办意见",   _UNIT,                                  (_O.ACCEPTED,),             _O.OPINED),
    "reply":            Step("答复",           _UNIT,                                  (_O.ACCEPTED,),             _O.REPLIED),
    "send_back":        Step("退回重写",       _OFFICE,                                (_O.REPLIED,),              _O.ACCEPTED),
    "urge":             Step("催办",           (Role.OFFICE, Role.STATION, Role.DEPUTY), OPEN_ORDERS,              None),
    "cancel":           Step("撤销派单",       _OFFICE,                                OPEN_ORDERS,                _O.CANCELLED),
}
# fmt: on


class DraftState(models.TextChoices):
    DRAFT = "DRAFT", "未发布"
    OPEN = "OPEN", "征求意见中"
    CLOSED = "CLOSED", "已截止"
    CONCLUDED = "CONCLUDED", "已反馈"
    WITHDRAWN = "WITHDRAWN", "已撤回"


_D = DraftState
PUBLISHED = (_D.OPEN, _D.CLOSED, _D.CONCLUDED)

# fmt: off
DRAFT_FLOW = {
    # step        what it is       who      from                to
    "publish":  Step("发布",       _OFFICE, (_D.DRAFT,),        _D.OPEN),
    "extend":   Step("延长时间",   _OFFICE, (_D.OPEN, _D.CLOSED), _D.OPEN),
    "close":    Step("截止",       _OFFICE, (_D.OPEN,),         _D.CLOSED),
    "conclude": Step("反馈采纳情况", _OFFICE, (_D.CLOSED,),     _D.CONCLUDED),
    "withdraw": Step("撤回",       _OFFICE, (_D.DRAFT, _D.OPEN), _D.WITHDRAWN),
}
# fmt: on
