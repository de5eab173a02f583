"""The Word templates that come with the product, to be used as they are or to start from: those of requests' orders.

Those of suggestions' orders: `shipped_to_deputies`.
"""

from functools import lru_cache

from .kinds import Kind
from .shipped_to_deputies import WRITERS
from .word import CATEGORY, DUE, OUTCOME, RESULT, SHARES, SMALL_PT, WordPaper


@lru_cache(maxsize=len(Kind))
def shipped(kind: str) -> bytes:
    """The template of one kind as a .docx, the same at every call."""
    paper = WordPaper()
    _WRITERS[Kind(kind)](paper)
    return paper.saved()


def _order(paper: WordPaper) -> None:
    paper.head()
    paper.text(
        "{{ 站点 }}{{ 登记日期 }}收到一件群众诉求，现交你单位{{ 分工 }}，请于{{ 接单期限 }}前接单，"
        "{{ 办理期限 }}前{{ 办理要求 }}。不属于你单位职责的，请在接单期限内申请退回并写明理由。"
    )
    paper.where("交办意见", "交办意见：{{ 交办意见 }}")
    paper.table(
        [
            ("诉求编号", "{{ 诉求编号 }}", "派单编号", "{{ 派单编号 }}"),
            ("类别", CATEGORY, "第几次办理", "第{{ 第几次办理 }}次"),
            (
                "反映人",
                "{{ 反映人 }}",
                "跟单代表",
                "{% if 跟单代表 %}{{ 跟单代表 }}{% else %}未指定{% endif %}",
            ),
            ("地点", "{{ 地点 }}", "地点"),
            ("诉求标题", "{{ 诉求标题 }}"),
            ("诉求内容", "{{ 诉求内容 }}"),
            ("分工", SHARES),
            ("办理期限", DUE),
        ]
    )
    paper.end()


def _urge(paper: WordPaper) -> None:
    paper.head()
    paper.text(
        "{{ 派单日期 }}交你单位{{ 分工 }}的群众诉求（派单编号{{ 派单编号 }}），办理期限是" + DUE + "，"
        "{{ 到期情况 }}，至今没有办结。这是第{{ 第几次催办 }}次催办。"
    )
    paper.text("诉求标题：{{ 诉求标题 }}")
    paper.text("诉求内容：{{ 诉求内容 }}")
    paper.where("催办意见", "催办意见：{{ 催办意见 }}")
    paper.text("请抓紧办理，按期{{ 办理要求 }}；不能按期办结的，请在期限以前申请延期并写明理由。")
    paper.end()


def _reply(paper: WordPaper) -> None:
    paper.mark()
    paper.head()
    paper.text(
        "您{{ 登记日期 }}在{{ 站点 }}反映的“{{ 诉求标题 }}”（诉求编号{{ 诉求编号 }}），我单位已经办理，现答复如下："
    )
    paper.text("{{ 答复内容 }}")
    paper.text(RESULT)
    paper.text("请您填写所附的征询意见表，交给受理您诉求的联络站。感谢您的监督。")
    paper.end(annex="征询意见表", contact=True)
    paper.overleaf()
    _form(paper, "征询意见表")


def _opinion(paper: WordPaper) -> None:
    paper.head()
    paper.text("你单位主办的群众诉求（诉求编号{{ 诉求编号 }}，{{ 诉求标题 }}），我单位会办意见如下：")
    paper.text("{{ 答复内容 }}")
    paper.end(contact=True)


def _rating(paper: WordPaper) -> None:
    _form(paper, "{{ 标题 }}")


def _form(paper: WordPaper, title: str) -> None:
    comes_back = title.startswith("{{")
    paper.heading(title)
    paper.table(
        [
            ("诉求编号", "{{ 诉求编号 }}", "登记日期", "{{ 登记日期 }}"),
            ("诉求标题", "{{ 诉求标题 }}"),
            ("承办单位", "{{ 承办单位 }}", "答复日期", "{{ 答复日期 }}"),
            ("办理结果", OUTCOME),
            ("反映人", "{{ 反映人 }}", "联络站", "{{ 站点 }}"),
            *([("告知情况", "{{ 告知情况 }}", "告知情况")] if comes_back else []),
            ("办理态度", "{{ 办理态度 }}"),
            ("办理成效", "{{ 办理成效 }}"),
            ("是否解决", "{{ 是否解决 }}"),
            ("不满意的\n原因和要求", "{{ 不满意的原因 }}" if comes_back else ""),
            ("反映人签名", "", "日期", "　　年　月　日"),
        ],
        high=("不满意的\n原因和要求",),
    )
    paper.line("请在方框里打“√”，不满意的请写明原因。填好后交给受理诉求的联络站。", size=SMALL_PT)


_WRITERS = {
    Kind.ORDER: _order,
    Kind.URGE: _urge,
    Kind.REPLY: _reply,
    Kind.OPINION: _opinion,
    Kind.RATING: _rating,
    **WRITERS,
}
