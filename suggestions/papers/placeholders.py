"""What may stand in a template: each placeholder with what it means and an example. The page and the checks read it here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .kinds import Kind


@dataclass(frozen=True)
class Placeholder:
    """`key` names the value in `contents`, `name` the placeholder in a template; `kinds` empty: in all papers."""

    key: str
    name: str
    meaning: str
    example: str
    kinds: tuple[Kind, ...] = ()


_K = Kind
_SENT = (_K.ORDER, _K.URGE)
_SAID = (_K.REPLY, _K.OPINION)
_NUMBERED = (*_SENT, *_SAID)
_FORM = (_K.REPLY, _K.RATING)

# fmt: off
PLACEHOLDERS = (
    Placeholder("number",     "文号",         "第一次编号时给出，按区划、种类、年份连续", "平城区交办〔2026〕12号", _NUMBERED),
    Placeholder("year",       "年份",         "文号里的年份，可以和“序号”一起写成自己的文号", "2026", _NUMBERED),
    Placeholder("serial",     "序号",         "文号里的序号", "12", _NUMBERED),
    Placeholder("title",      "标题",         "文件的标题", "关于2026-1103-0042号诉求的答复"),
    Placeholder("issuer",     "发文机关",     "落款：人大机关，答复和会办意见是承办单位", "平城区住建局"),
    Placeholder("to",         "主送",         "写给谁", "平城区住建局"),
    Placeholder("copies",     "抄送",         "抄送单位，没有时是空的", "平城区人大", _NUMBERED),
    Placeholder("issued_on",  "发文日期",     "编号那一天；没有编号的是今天", "2026年11月4日"),
    Placeholder("request",    "诉求编号",     "诉求单的编号", "2026-1103-0042"),
    Placeholder("order",      "派单编号",     "派单的编号", "2026-1103-0042-1"),
    Placeholder("heading",    "诉求标题",     "一句话说是什么事", "暖气不热"),
    Placeholder("words",      "诉求内容",     "群众反映的问题；要求保密的不写", "暖气不热，室温十四度。", (*_SENT, _K.REPLY)),
    Placeholder("place",      "地点",         "问题在什么地方；要求保密的不写", "南关小区3号楼"),
    Placeholder("category",   "类别",         "诉求的类别", "供暖"),
    Placeholder("received",   "登记日期",     "站点收到诉求的日期", "2026年11月3日"),
    Placeholder("station",    "站点",         "哪个联络站收到的", "南关街道代表联络站"),
    Placeholder("person",     "反映人",       "发给单位的只写姓；要求保密的不写；联络站打印的写全名", "张*"),
    Placeholder("department", "承办单位",     "这张派单的单位", "平城区住建局"),
    Placeholder("share",      "分工",         "主办、会办或分办", "主办"),
    Placeholder("lead",       "主办单位",     "这一次办理的主办单位，没有时是空的", "平城区住建局"),
    Placeholder("helpers",    "会办单位",     "这一次办理的会办单位，没有时是空的", "平城区水务局"),
    Placeholder("apart",      "分办单位",     "这一次办理的分办单位，没有时是空的", "平城区城管局、平城区水务局"),
    Placeholder("round",      "第几次办理",   "重新办理的从 2 起", "1"),
    Placeholder("task",       "交办意见",     "派单时写的意见，没有时是空的", "请入户查看，尽快恢复供暖。", _SENT),
    Placeholder("dispatched", "派单日期",     "从这一天起算期限", "2026年11月4日", _SENT),
    Placeholder("accept_by",  "接单期限",     "最晚哪一天接单或申请退回", "2026年11月6日", _SENT),
    Placeholder("due",        "办理期限",     "最晚哪一天答复", "2026年11月25日", _SENT),
    Placeholder("because",    "期限说明",     "期限是怎样算出来的", "从2026年11月4日起第15个工作日", _SENT),
    Placeholder("unit_contact", "单位联系人", "登记的单位联系人，没有时是空的", "李明", _SENT),
    Placeholder("unit_phone", "单位电话",     "登记的单位电话，没有时是空的", "0352-2020202", _SENT),
    Placeholder("follower",   "跟单代表",     "跟踪这件事的代表，没有时是空的", "王秀英", _SENT),
    Placeholder("urged",      "第几次催办",   "这份督办函是第几次催办", "1", (_K.URGE,)),
    Placeholder("urging",     "催办意见",     "催办时写的意见，没有时是空的", "居民家中有老人，请抓紧。", (_K.URGE,)),
    Placeholder("standing",   "到期情况",     "离期限还有几天，或者超过了几天", "已超过办理期限 2 天", (_K.URGE,)),
    Placeholder("letter",     "类别字母",     "办理结果 A、B、C、D，印在第一页右上角", "A", (_K.REPLY,)),
    Placeholder("outcome",    "办理结果",     "类别字母是什么意思", "已经解决", _FORM),
    Placeholder("text",       "答复内容",     "答复函是给本人的答复，会办意见函是会办意见；一行一段", "管网已检修，室温达到十八度。", _SAID),
    Placeholder("promised",   "承诺日期",     "没有办完的，答应哪一天办完；没有时是空的", "2026年12月20日", _FORM),
    Placeholder("signer",     "签发人",       "答复的签发人，没有时是空的", "赵局长", _FORM),
    Placeholder("contact",    "联系人",       "答复的单位联系人，没有时是空的", "李明", (*_SAID, _K.RATING)),
    Placeholder("phone",      "联系电话",     "答复的单位电话，没有时是空的", "0352-2020202", (*_SAID, _K.RATING)),
    Placeholder("replied",    "答复日期",     "答复或提出意见的日期", "2026年11月20日", (*_SAID, _K.RATING)),
    Placeholder("told",       "告知情况",     "哪一天怎样告知了本人，没有时是空的", "2026年11月21日电话告知", (_K.RATING,)),
    Placeholder("attitude",   "办理态度",     "三个方框，选中的打勾", "□满意　□基本满意　□不满意", _FORM),
    Placeholder("result",     "办理成效",     "三个方框，选中的打勾", "□满意　□基本满意　□不满意", _FORM),
    Placeholder("solved",     "是否解决",     "三个方框，选中的打勾", "□已解决　□部分解决　□没有解决", _FORM),
    Placeholder("reason",     "不满意的原因", "本人写的，没有时是空的", "", (_K.RATING,)),
)
# fmt: on


# What a kind of paper says otherwise than the examples above.
_OTHERWISE: dict[str, dict[str, str]] = {
    Kind.ORDER: {"title": "群众诉求交办单", "issuer": "平城区人大", "copies": "平城区水务局"},
    Kind.URGE: {
        "title": "群众诉求督办函",
        "number": "平城区督办〔2026〕12号",
        "issuer": "平城区人大",
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
    Kind.RATING: {"title": "群众诉求办理满意度反馈表", "issuer": "平城区人大", "to": "张*"},
}


def placeholders_of(kind: str) -> Iterable[Placeholder]:
    """Those that may stand in a template of this kind, with the examples of this kind."""
    for one in PLACEHOLDERS:
        if not one.kinds or kind in one.kinds:
            yield replace(one, example=_OTHERWISE[kind].get(one.key, one.example))


def examples(kind: str) -> dict[str, str]:
    """A paper with every placeholder filled, by which a template is tried out."""
    return {one.name: one.example for one in placeholders_of(kind)}


def named(kind: str, values: dict[str, str]) -> dict[str, str]:
    """The values of `contents` by the names that a template calls them."""
    return {one.name: values[one.key] for one in placeholders_of(kind)}
