"""The life of a request, and of a draft. Read the tables first; the model has one method for each row."""

from django.db import models

from liaison.accounts.models import Role
from liaison.core.workflow import Step


class RequestState(models.TextChoices):
    REGISTERED = "REGISTERED", "待派单"


REQUEST_FLOW: dict[str, Step] = {}


class DraftState(models.TextChoices):
    DRAFT = "DRAFT", "未发布"
    OPEN = "OPEN", "征求意见中"
    CLOSED = "CLOSED", "已截止"
    CONCLUDED = "CONCLUDED", "已反馈"
    WITHDRAWN = "WITHDRAWN", "已撤回"


_D, _OFFICE = DraftState, (Role.OFFICE,)
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
