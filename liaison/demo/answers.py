"""What departments answer, how a person was told, and why somebody is not satisfied: sentences for the demonstration."""

import random
from datetime import date

from suggestions.models import Feedback, Order, Rating

CAME = (
    "收到后，我局{day}派人到现场查看，并与您通了电话。",
    "我局{day}会同街道、社区到现场看过，情况属实。",
    "我局{day}找有关单位了解了情况，核对了记录。",
    "我局{day}安排专人办理，到现场两次。",
)
DONE = {
    Order.Class.A: (
        "当天安排维修，{later}全部处理完毕，现在恢复正常。",
        "已责成有关单位整改，{later}复查合格。",
        "手续已补办齐全，{later}办结，结果已告诉您本人。",
        "问题已经解决，今后每月巡查一次，防止反复。",
    ),
    Order.Class.B: (
        "已列入本季度维修，材料到位后施工，{promised}前完成。",
        "正在按程序招标，{promised}前完工，期间先采取临时措施。",
    ),
    Order.Class.C: (
        "需要统一改造，已列入明年计划，{promised}前实施。",
        "所需资金已报财政，列入下一年度预算，{promised}前给您答复进展。",
    ),
    Order.Class.D: (
        "按现行规定不能办理，政策依据已当面向您说明。如有新的情况，请再与我们联系。",
        "涉及产权人之间的约定，行政机关不能代为决定，已请社区组织协商，并向您说明了原因。",
    ),
}
OPINIONS = (
    "现场看过，属于共用部分，同意由主办单位牵头维修，我局配合断路审批。",
    "经查，不影响管线安全，同意按主办单位意见办理。",
    "相关数据已提供给主办单位，我局没有不同意见。",
)
RETURNS = (
    "不属于我局职责，建议由对口单位办理",
    "地点不在我局管理的范围，建议改派",
    "已核对职责清单，属于其他部门",
)
UNHAPPY = (
    "修了三天又坏了，没有彻底解决。",
    "只打了一次电话，没有到现场看。",
    "答复和实际情况不一样，问题还在。",
    "等的时间太长，没人说明原因。",
)
REFUSED = (
    ("COURT", "法院正在审理，请向受理法院反映，或者咨询公共法律服务中心。"),
    ("PRIVATE", "属于邻里之间的纠纷，请到社区人民调解委员会申请调解。"),
    ("PETITION", "属于信访事项，请到区信访接待中心登记，或拨打12345。"),
    ("POWERS", "属于企业自主经营的事，请与企业联系，也可以向行业协会反映。"),
)
ON_SPOT = (
    "政策当场讲清，需要的材料写在纸上交给了本人。",
    "代表当场给社区打了电话，下午就有人上门。",
    "已告诉办理地点、电话和要带的证件。",
)
WITHDREW = ("本人来电说问题已经自己解决", "与物业协商好了，不用再办", "重复反映，以前一件为准")
SIGNERS = ("赵立新", "郭建平", "韩卫东", "任晓峰", "高志远", "武秀琴")
CONTACTS = ("小王", "小李", "张科", "刘股长", "陈工")
PROOFS = {
    Feedback.How.PHONE: "通话记录，{day}",
    Feedback.How.MEETING: "当面告知，本人签字",
    Feedback.How.LETTER: "挂号信存根",
    Feedback.How.MESSAGE: "微信截图",
}


def reply(rng: random.Random, answer_class: str, on: date, promised_on: date | None) -> str:
    """The answer of a department, written for the person who asked."""
    words = {
        "day": f"{on:%-m月%-d日}",
        "later": f"{on:%-m月%-d日}",
        "promised": f"{promised_on:%Y年%-m月底}" if promised_on else "",
    }
    sentences = (rng.choice(CAME), rng.choice(DONE[Order.Class(answer_class)]))
    return "您好。" + "".join(sentences).format(**words) + "感谢您的监督。"


def marks(rng: random.Random, *, satisfied: bool) -> tuple[str, str]:
    """Attitude and result of a rating."""
    mark = Rating.Mark
    if satisfied:
        both = (mark.SATISFIED, mark.SATISFIED), (mark.SATISFIED, mark.FAIRLY), (mark.FAIRLY, mark.FAIRLY)
        return rng.choices(both, (80, 14, 6))[0]
    return rng.choice(((mark.FAIRLY, mark.UNSATISFIED), (mark.SATISFIED, mark.UNSATISFIED)))
