"""The life of a request, of an order, of a deputies' suggestion, and of a draft. Read the tables first; the model has one method for each row.

A row without roles is nobody's button: another thing's step brings it about.
"""

from django.db import models

from liaison.accounts.models import Role
from liaison.core.workflow import Step
from visits.workflow import PERSON


class RequestState(models.TextChoices):
    REGISTERED = "REGISTERED", "待派单"
    TRIAGED = "TRIAGED", "已研判"
    JOINED = "JOINED", "并案办理"
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
TOLD = (_R.FED_BACK, _R.RATED, _R.TRACKING, _R.CLOSED)  # the person knows the answer
ENDED = (_R.ANSWERED_ON_SPOT, _R.NOT_ACCEPTED, _R.CLOSED, _R.WITHDRAWN)

# fmt: off
REQUEST_FLOW: dict[str, Step] = {
    # step            what it is         who               from                                   to
    "triage":    Step("研判",            _OFFICE,          (_R.REGISTERED,),                      _R.TRIAGED),
    "answer":    Step("登记现场答复",    _DESK,            TO_DISPATCH,                           _R.ANSWERED_ON_SPOT),
    "decline":   Step("不予受理",        _DESK,            TO_DISPATCH,                           _R.NOT_ACCEPTED),
    "dispatch":  Step("派单",            _OFFICE,          TO_DISPATCH,                           _R.DISPATCHED),
    "join":      Step("并案",            _DESK,            TO_DISPATCH,                           _R.JOINED),
    "part":      Step("拆开并案",        _DESK,            (_R.JOINED,),                          _R.TRIAGED),
    "reply_too": Step("随并案答复",      (),               (_R.JOINED,),                          _R.REPLIED),
    "unreply_too": Step("随并案退回重写", (),              (_R.REPLIED,),                         _R.JOINED),
    "begin":     Step("开始办理",        (),               (_R.DISPATCHED,),                      _R.HANDLING),
    "come_back": Step("退回重新派单",    (),               IN_HAND,                               _R.TRIAGED),
    "reply":     Step("答复",            (),               IN_HAND,                               _R.REPLIED),
    "unreply":   Step("答复退回重写",    (),               (_R.REPLIED,),                         _R.HANDLING),
    "feed_back": Step("告知本人",        _DESK,            (_R.REPLIED,),                         _R.FED_BACK),
    "rate":      Step("评价",            (PERSON, Role.STATION), (_R.FED_BACK,),                  _R.RATED),
    "rehandle":  Step("重新办理",        _OFFICE,          (_R.FED_BACK, _R.RATED, _R.TRACKING),  _R.REHANDLING),
    "track":     Step("转入承诺跟踪",    _OFFICE,          (_R.FED_BACK, _R.RATED),               _R.TRACKING),
    "close":     Step("办结",            _OFFICE,          (_R.FED_BACK, _R.RATED, _R.TRACKING),  _R.CLOSED),
    "withdraw":  Step("登记本人撤回",    _DESK,            (*TO_DISPATCH, _R.JOINED, *IN_HAND, _R.REPLIED), _R.WITHDRAWN),
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


class SuggestionState(models.TextChoices):
    DRAFT = "DRAFT", "草稿"
    COSIGNING = "COSIGNING", "征集附议"
    SUBMITTED = "SUBMITTED", "待审查"
    RETURNED = "RETURNED", "退回代表"
    LETTER = "LETTER", "作来信处理"
    ACCEPTED = "ACCEPTED", "待交办"
    ASSIGNED = "ASSIGNED", "已交办"
    HANDLING = "HANDLING", "办理中"
    COUNTERSIGN = "COUNTERSIGN", "待核签"
    REPLIED = "REPLIED", "待送达"
    DELIVERED = "DELIVERED", "待评价"
    EVALUATED = "EVALUATED", "已评价"
    REHANDLING = "REHANDLING", "重办中"
    TRACKING = "TRACKING", "承诺跟踪"
    CLOSED = "CLOSED", "已办结"
    ARCHIVED = "ARCHIVED", "已归档"
    WITHDRAWN = "WITHDRAWN", "已撤回"


_S = SuggestionState
_DEPUTY, _LEAD, _CARERS = (Role.DEPUTY,), (Role.DEPUTY, Role.OFFICE), (Role.UNIT, Role.OFFICE)
WRITABLE = (_S.DRAFT, _S.COSIGNING, _S.RETURNED)  # the text is still the deputies' own
WITH_DEPARTMENTS = (_S.ASSIGNED, _S.HANDLING, _S.REHANDLING)
BEFORE_REPLY = (*WRITABLE, _S.SUBMITTED, _S.ACCEPTED, *WITH_DEPARTMENTS, _S.COUNTERSIGN)
ANSWERED = (_S.DELIVERED, _S.EVALUATED, _S.TRACKING, _S.CLOSED, _S.ARCHIVED)  # the deputies have the reply
NUMBERED = (_S.ACCEPTED, *WITH_DEPARTMENTS, _S.COUNTERSIGN, _S.REPLIED, *ANSWERED)

# A lead deputy acts as DEPUTY, and so do those who sign too; which of them may do what stands in Suggestion.refusal.
# The office acts for deputies who hand in paper.
# fmt: off
SUGGESTION_FLOW: dict[str, Step] = {
    # step                  what it is           who       from                                          to
    "invite":          Step("请代表附议",        _LEAD,    WRITABLE,                                     _S.COSIGNING),
    "confirm":         Step("确认附议",          _LEAD,    (_S.COSIGNING,),                              None),
    "decline":         Step("不附议",            _LEAD,    (_S.COSIGNING,),                              None),
    "submit":          Step("提交",              _LEAD,    WRITABLE,                                     _S.SUBMITTED),
    "accept":          Step("受理编号",          _OFFICE,  (_S.SUBMITTED,),                              _S.ACCEPTED),
    "give_back":       Step("退回代表",          _OFFICE,  (_S.SUBMITTED,),                              _S.RETURNED),
    "as_letter":       Step("作来信处理",        _OFFICE,  (_S.SUBMITTED,),                              _S.LETTER),
    "assign":          Step("交办",              _OFFICE,  (_S.ACCEPTED,),                               _S.ASSIGNED),
    "object":          Step("对交办提出异议",    _DEPUTY,  (_S.ASSIGNED, _S.HANDLING),                   None),
    "settle":          Step("答复异议",          _OFFICE,  (_S.ASSIGNED, _S.HANDLING),                   None),
    "begin":           Step("开始办理",          (),       (_S.ASSIGNED,),                               _S.HANDLING),
    "come_back":       Step("退回重新交办",      (),       WITH_DEPARTMENTS,                             _S.ACCEPTED),
    "meet":            Step("记录面商",          _CARERS,  WITH_DEPARTMENTS,                             None),
    "report":          Step("写承诺进展",        _CARERS,  (_S.TRACKING,),                               None),
    "reply":           Step("答复送核签",        (),       WITH_DEPARTMENTS,                             _S.COUNTERSIGN),
    "unreply":         Step("答复退回重写",      (),       (_S.COUNTERSIGN, _S.REPLIED),                 _S.HANDLING),
    "countersign":     Step("核签答复",          _OFFICE,  (_S.COUNTERSIGN,),                            _S.REPLIED),
    "deliver":         Step("送达代表",          _CARERS,  (_S.REPLIED,),                                _S.DELIVERED),
    "evaluate":        Step("评价",              _LEAD,    (_S.DELIVERED,),                              _S.EVALUATED),
    "evaluate_too":    Step("附议代表评价",      _LEAD,    (_S.DELIVERED, _S.EVALUATED, _S.TRACKING),    None),
    "rehandle":        Step("重新办理",          _OFFICE,  (_S.DELIVERED, _S.EVALUATED, _S.TRACKING),    _S.REHANDLING),
    "track":           Step("转入承诺跟踪",      _OFFICE,  (_S.DELIVERED, _S.EVALUATED, _S.TRACKING),    _S.TRACKING),
    "close":           Step("办结",              _OFFICE,  (_S.DELIVERED, _S.EVALUATED, _S.TRACKING),    _S.CLOSED),
    "archive":         Step("归档",              _OFFICE,  (_S.CLOSED,),                                 _S.ARCHIVED),
    "ask_withdrawal":  Step("申请撤回",          _DEPUTY,  BEFORE_REPLY,                                 None),
    "agree_withdrawal": Step("同意撤回",         _DEPUTY,  BEFORE_REPLY,                                 None),
    "withdraw":        Step("登记书面撤回",      _OFFICE,  BEFORE_REPLY,                                 _S.WITHDRAWN),
    "make_key":        Step("列为重点建议",      _OFFICE,  NUMBERED,                                     None),
    "praise":          Step("评为优秀建议",      _OFFICE,  NUMBERED,                                     None),
    "publish":         Step("公开摘要",          _OFFICE,  NUMBERED,                                     None),
    "unpublish":       Step("撤下公开",          _OFFICE,  NUMBERED,                                     None),
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
