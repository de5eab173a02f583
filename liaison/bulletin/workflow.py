"""What may happen to a news item and to a bulletin, as tables."""

from django.db import models

from liaison.accounts.models import Role
from liaison.core.workflow import Step


class NewsState(models.TextChoices):
    DRAFT = "DRAFT", "草稿"
    SUBMITTED = "SUBMITTED", "待审核"
    RETURNED = "RETURNED", "退回修改"
    PUBLISHED = "PUBLISHED", "已发布"
    WITHDRAWN = "WITHDRAWN", "已撤下"
    DROPPED = "DROPPED", "不报了"


class BulletinState(models.TextChoices):
    DRAFT = "DRAFT", "编辑中"
    ISSUED = "ISSUED", "已印发"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    DROPPED = "DROPPED", "不编了"


_N, _B = NewsState, BulletinState
_OFFICE, _STATION = (Role.OFFICE,), (Role.STATION,)
WITH_WRITER = (_N.DRAFT, _N.RETURNED)  # in the hands of the station that writes

# fmt: off
NEWS_FLOW: dict[str, Step] = {
    # step            what it is       who        from              to
    "submit":    Step("报送",          _STATION,  WITH_WRITER,      _N.SUBMITTED),
    "take_back": Step("取回修改",      _STATION,  (_N.SUBMITTED,),  _N.DRAFT),
    "drop":      Step("不报了",        _STATION,  WITH_WRITER,      _N.DROPPED),
    "give_back": Step("退回修改",      _OFFICE,   (_N.SUBMITTED,),  _N.RETURNED),
    "publish":   Step("审核发布",      _OFFICE,   (_N.SUBMITTED,),  _N.PUBLISHED),
    "withdraw":  Step("撤下",          _OFFICE,   (_N.PUBLISHED,),  _N.WITHDRAWN),
}

BULLETIN_FLOW: dict[str, Step] = {
    "issue":     Step("印发",          _OFFICE,   (_B.DRAFT,),      _B.ISSUED),
    "drop":      Step("不编了",        _OFFICE,   (_B.DRAFT,),      _B.DROPPED),
    "withdraw":  Step("撤回",          _OFFICE,   (_B.ISSUED,),     _B.WITHDRAWN),
}
# fmt: on
