"""What may stand in a template: each placeholder with what it means and an example. The page and the checks read it here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .kinds import OF_REQUESTS, OF_SUGGESTIONS, Kind


@dataclass(frozen=True)
class Placeholder:
    """`key` names the value in `contents`, `name` the placeholder in a template; `kinds` empty: in all papers."""

    key: str
    name: str
    meaning: str
    example: str
    kinds: tuple[Kind, ...] = ()


_K = Kind


def _both(*kinds: Kind) -> tuple[Kind, ...]:
    """The papers of requests' orders, and their twins of suggestions' orders."""
    return (*kinds, *(OF_SUGGESTIONS[kind] for kind in kinds))


_R, _S = tuple(OF_SUGGESTIONS), tuple(OF_REQUESTS)  # of requests, of suggestions
_SENT = _both(_K.ORDER, _K.URGE)
_SAID = _both(_K.REPLY, _K.OPINION)
_NUMBERED = (*_SENT, *_SAID)
_FORM = _both(_K.REPLY, _K.RATING)
_WHO = (*_SAID, *_both(_K.RATING))

# fmt: off
PLACEHOLDERS = (
    Placeholder("number",     "文号",         "第一次编号时给出，按区划、种类、年份连续", "平城区交办〔2026〕12号", _NUMBERED),
    Placeholder("year",       "年份",         "文号里的年份，可以和“序号”一起写成自己的文号", "2026", _NUMBERED),
    Placeholder("serial",     "序号",         "文号里的序号", "12", _NUMBERED),
    Placeholder("title",      "标题",         "文件的标题", "关于2026-1103-0042号诉求的答复"),
    Placeholder("issuer",     "发文机关",     "落款：人大机关，答复和会办意见是承办单位", "平城区住建局"),
    Placeholder("to",         "主送",         "写给谁", "平城区住建局"),
    Placeholder("copies",     "抄送",         "抄送单位，没有时是空的", "平城区人大常委会代表工作委员会", _NUMBERED),
    Placeholder("issued_on",  "发文日期",     "编号那一天；没有编号的是今天", "2026年11月4日"),
    Placeholder("request",    "诉求编号",     "诉求单的编号", "2026-1103-0042", _R),
    Placeholder("order",      "派单编号",     "派单的编号", "2026-1103-0042-1"),
    Placeholder("heading",    "诉求标题",     "一句话说是什么事", "暖气不热", _R),
    Placeholder("words",      "诉求内容",     "群众反映的问题；要求保密的不写", "暖气不热，室温十四度。", (_K.ORDER, _K.URGE, _K.REPLY)),
    Placeholder("place",      "地点",         "问题在什么地方；要求保密的不写", "南关小区3号楼", _R),
    Placeholder("category",   "类别",         "诉求、建议的类别，没有时是空的", "供暖"),
    Placeholder("received",   "登记日期",     "站点收到诉求的日期", "2026年11月3日", _R),
    Placeholder("station",    "站点",         "哪个联络站收到的", "南关街道代表联络站", _R),
    Placeholder("person",     "反映人",       "发给单位的只写姓；要求保密的不写；联络站打印的写全名", "张*", _R),
    Placeholder("department", "承办单位",     "这张派单的单位", "平城区住建局"),
    Placeholder("share",      "分工",         "主办、会办或分办", "主办"),
    Placeholder("lead",       "主办单位",     "这一次办理的主办单位，没有时是空的", "平城区住建局"),
    Placeholder("helpers",    "会办单位",     "这一次办理的会办单位，没有时是空的", "平城区水务局"),
    Placeholder("apart",      "分办单位",     "这一次办理的分办单位，没有时是空的", "平城区城管局、平城区水务局"),
    Placeholder("round",      "第几次办理",   "重新办理的从 2 起", "1"),
    Placeholder("task",       "交办意见",     "派单时写的意见，没有时是空的", "请入户查看，尽快恢复供暖。", _SENT),
    Placeholder("asked",      "办理要求",     "会办的是“提出会办意见，交主办单位”，其他是“答复”", "答复", _SENT),
    Placeholder("dispatched", "派单日期",     "从这一天起算期限", "2026年11月4日", _SENT),
    Placeholder("accept_by",  "接单期限",     "最晚哪一天接单或申请退回", "2026年11月6日", _SENT),
    Placeholder("due",        "办理期限",     "最晚哪一天答复", "2026年11月25日", _SENT),
    Placeholder("because",    "期限说明",     "期限是怎样算出来的", "从2026年11月4日起第15个工作日", _SENT),
    Placeholder("unit_contact", "单位联系人", "登记的单位联系人，没有时是空的", "李明", _SENT),
    Placeholder("unit_phone", "单位电话",     "登记的单位电话，没有时是空的", "0352-2020202", _SENT),
    Placeholder("follower",   "跟单代表",     "跟踪这件事的代表，没有时是空的", "王秀英", (_K.ORDER, _K.URGE)),
    Placeholder("urged",      "第几次催办",   "这份督办函是第几次催办", "1", _both(_K.URGE)),
    Placeholder("urging",     "催办意见",     "催办时写的意见，没有时是空的", "居民家中有老人，请抓紧。", _both(_K.URGE)),
    Placeholder("standing",   "到期情况",     "离期限还有几天，或者超过了几天", "已超过办理期限2天", _both(_K.URGE)),
    Placeholder("letter",     "类别字母",     "办理结果 A、B、C、D，印在第一页右上角", "A", _both(_K.REPLY)),
    Placeholder("outcome",    "办理结果",     "类别字母是什么意思", "已经解决", _FORM),
    Placeholder("text",       "答复内容",     "答复函是给本人的答复，会办意见函是会办意见；一行一段", "管网已检修，室温达到十八度。", _SAID),
    Placeholder("promised",   "承诺日期",     "没有办完的，答应哪一天办完；没有时是空的", "2026年12月20日", _FORM),
    Placeholder("signer",     "签发人",       "答复的签发人，没有时是空的", "赵局长", _FORM),
    Placeholder("contact",    "联系人",       "答复的单位联系人，没有时是空的", "李明", _WHO),
    Placeholder("phone",      "联系电话",     "答复的单位电话，没有时是空的", "0352-2020202", _WHO),
    Placeholder("replied",    "答复日期",     "答复或提出意见的日期", "2026年11月20日", _WHO),
    Placeholder("told",       "告知情况",     "哪一天怎样告知了本人，没有时是空的", "2026年11月21日电话告知", (_K.RATING,)),
    Placeholder("attitude",   "办理态度",     "三个方框，选中的打勾", "□满意　□基本满意　□不满意", _FORM),
    Placeholder("result",     "办理成效",     "三个方框，选中的打勾", "□满意　□基本满意　□不满意", _FORM),
    Placeholder("solved",     "是否解决",     "三个方框，选中的打勾", "□已解决　□部分解决　□没有解决", (_K.REPLY, _K.RATING)),
    Placeholder("reason",     "不满意的原因", "本人写的，没有时是空的", "", _both(_K.RATING)),
    Placeholder("suggestion", "建议编号",     "建议的编号", "140213-17J3-0042", _S),
    Placeholder("named",      "建议称呼",     "届次、会议和第几号，标题里这样写", "平城区第十七届人民代表大会第三次会议第42号建议", _S),
    Placeholder("short",      "第几号",       "届次和会议不写", "第42号建议", _S),
    Placeholder("kind",       "建议类型",     "建议、议案、批评或意见", "建议", _S),
    Placeholder("heading",    "建议标题",     "一句话说是什么事", "关于改造老旧小区供热管网的建议", _S),
    Placeholder("words",      "情况和理由",   "代表写的；一行一段", "南关街道有六个小区的供热管网用了二十多年。", _S),
    Placeholder("items",      "具体建议",     "一条一行；只归别的单位的注明单位", "1. 三年内更换六个小区的供热管网。", _S),
    Placeholder("count",      "件数条数",     "一件建议，有几条", "1件1条", _S),
    Placeholder("when",       "届次会议",     "哪一届、哪一次会议，或闭会期间", "平城区第十七届人民代表大会第三次会议", _S),
    Placeholder("submitted",  "提出日期",     "代表提交的日期", "2026年3月2日", _S),
    Placeholder("deputy",     "领衔代表",     "第一位提出的代表", "张建国", _S),
    Placeholder("cosigners",  "附议代表",     "确认附议的代表，没有时是空的", "李秀英、王志强", _S),
    Placeholder("key",        "重点建议",     "由哪次会议决定列为重点，不是重点时是空的", "", _S),
    Placeholder("open",       "能否公开",     "代表是否同意公开", "同意公开", _S),
    Placeholder("met",        "面商情况",     "这个单位哪一天怎样和代表面商；没有面商的写原因", "2026年4月8日当面面商（区政府二楼会议室）", _S),
    Placeholder("met_said",   "面商记录",     "面商时谈了什么；一次一段", "代表同意分三年更换，要求先换两个小区。", _S),
    Placeholder("opinions",   "会办意见单位", "提出会办意见的单位，没有时是空的", "平城区水务局", (_K.S_REPLY,)),
    Placeholder("marks",      "附议代表评价", "附议代表的评价，没有时是空的", "李秀英：态度满意，结果满意", (_K.S_RATING,)),
)
# fmt: on


# What a kind of paper says otherwise than the examples above.
_OFFICE = "平城区人大常委会代表工作委员会"
_NAMED = "平城区第十七届人民代表大会第三次会议第42号建议"
_OF_SUGGESTIONS = {"order": "140213-17J3-0042-1", "because": "3个月，自2026年8月25日起"}
_OTHERWISE: dict[str, dict[str, str]] = {
    Kind.ORDER: {"title": "群众诉求交办单", "issuer": _OFFICE, "copies": "平城区水务局"},
    Kind.URGE: {
        "title": "群众诉求督办函",
        "number": "平城区督办〔2026〕12号",
        "issuer": _OFFICE,
        "copies": "平城区水务局",
    },
    Kind.REPLY: {"number": "平城区答复〔2026〕12号", "to": "张*"},
    Kind.OPINION: {
        "title": "关于2026-1103-0042号诉求的会办意见",
        "number": "平城区会办意见〔2026〕12号",
        "issuer": "平城区水务局",
        "share": "会办",
        "text": "管道可以改线，请提前三天通知停水。",
    },
    Kind.RATING: {"title": "群众诉求办理满意度反馈表", "issuer": _OFFICE, "to": "张*"},
    Kind.S_ORDER: {
        "title": "代表建议交办单",
        "number": "平城区建议交办〔2026〕12号",
        "issuer": _OFFICE,
        "copies": "平城区水务局、平城区人民政府办公室",
    },
    Kind.S_URGE: {
        "title": "代表建议督办函",
        "number": "平城区建议督办〔2026〕12号",
        "issuer": _OFFICE,
        "copies": "平城区水务局、平城区人民政府办公室",
        "urging": "代表多次问起，请抓紧。",
    },
    Kind.S_REPLY: {
        "title": f"关于{_NAMED}的答复",
        "number": "平城区建议答复〔2026〕12号",
        "to": "张建国、李秀英、王志强代表",
        "copies": f"{_OFFICE}、平城区人民政府办公室",
        "text": "六个小区的供热管网分三年更换，今年先换南关、北关两个小区，十月底前完工。",
    },
    Kind.S_OPINION: {
        "title": f"关于{_NAMED}的会办意见",
        "number": "平城区建议会办意见〔2026〕12号",
        "issuer": "平城区水务局",
        "copies": f"{_OFFICE}、平城区人民政府办公室",
        "share": "会办",
        "text": "供水管道可以同步改线，请提前三天通知停水。",
    },
    Kind.S_RATING: {
        "title": "代表建议办理满意度反馈表",
        "issuer": _OFFICE,
        "to": "张建国、李秀英、王志强代表",
    },
}


def placeholders_of(kind: str) -> Iterable[Placeholder]:
    """Those that may stand in a template of this kind, with the examples of this kind."""
    for one in PLACEHOLDERS:
        if not one.kinds or kind in one.kinds:
            told = (_OF_SUGGESTIONS if kind in OF_REQUESTS else {}) | _OTHERWISE[kind]
            yield replace(one, example=told.get(one.key, one.example))


def examples(kind: str) -> dict[str, str]:
    """A paper with every placeholder filled, by which a template is tried out."""
    return {one.name: one.example for one in placeholders_of(kind)}


def named(kind: str, values: dict[str, str]) -> dict[str, str]:
    """The values of `contents` by the names that a template calls them."""
    return {one.name: values[one.key] for one in placeholders_of(kind)}
