"""The Word templates of the papers of suggestions' orders: addressed to deputies, named by session and number."""

from .kinds import Kind
from .word import CATEGORY, DUE, HEAD, OUTCOME, RESULT, SHARES, SMALL_PT, WordPaper

YOU = "{% if 附议代表 %}你们{% else %}您{% endif %}"


def _order(paper: WordPaper) -> None:
    paper.head()
    paper.text(
        "{{ 建议称呼 }}《{{ 建议标题 }}》现交你单位{{ 分工 }}，请于{{ 接单期限 }}前接单，{{ 办理期限 }}前{{ 办理要求 }}。"
        "不属于你单位职责的，请在接单期限内申请退回，写明理由和应由哪个单位办理，不得自行转办。"
        "答复前应当和代表面商；答复由负责人签发，经核签后送领衔和每一位附议代表。"
    )
    paper.where("交办意见", "交办意见：{{ 交办意见 }}")
    paper.table(
        [
            ("建议编号", "{{ 建议编号 }}", "派单编号", "{{ 派单编号 }}"),
            ("类型", "{{ 建议类型 }}，{{ 件数条数 }}", "类别", CATEGORY),
            ("提出时间", "{{ 届次会议 }}{% if 提出日期 %}（{{ 提出日期 }}提交）{% endif %}"),
            ("领衔代表", "{{ 领衔代表 }}", "能否公开", "{{ 能否公开 }}"),
            ("附议代表", "{{ 附议代表 }}", "附议代表"),
            ("重点建议", "{{ 重点建议 }}", "重点建议"),
            ("分工", SHARES),
            ("办理期限", DUE),
        ]
    )
    paper.end(annex="建议原文")
    paper.overleaf()
    paper.heading("{{ 建议标题 }}")
    paper.line("（{{ 建议称呼 }}）", align="CENTER")
    paper.line("一、情况和理由", font=HEAD, indent=2)
    paper.text("{{ 情况和理由 }}")
    paper.line("二、具体建议", font=HEAD, indent=2)
    paper.text("{{ 具体建议 }}")
    paper.line("领衔代表：{{ 领衔代表 }}", align="RIGHT", right=2)
    paper.where("提出日期", "{{ 提出日期 }}", align="RIGHT", right=2)


def _urge(paper: WordPaper) -> None:
    paper.head()
    paper.text(
        "{{ 派单日期 }}交你单位{{ 分工 }}的{{ 建议称呼 }}《{{ 建议标题 }}》（领衔代表{{ 领衔代表 }}，派单编号{{ 派单编号 }}），"
        "办理期限是" + DUE + "，{{ 到期情况 }}，至今没有{{ 办理要求 }}。这是第{{ 第几次催办 }}次催办。"
    )
    paper.where("重点建议", "这件是{{ 重点建议 }}。")
    paper.where("催办意见", "催办意见：{{ 催办意见 }}")
    paper.text(
        "请抓紧办理，主动和代表沟通，按期{{ 办理要求 }}；不能按期办结的，请在期限以前申请延期并写明理由。"
    )
    paper.end()


def _reply(paper: WordPaper) -> None:
    paper.mark()
    paper.head()
    paper.text(
        YOU
        + "提出的《{{ 建议标题 }}》（{{ 第几号 }}）收悉。{% if 面商情况 %}和代表沟通的情况：{{ 面商情况 }}。{% endif %}现答复如下："
    )
    paper.text("{{ 答复内容 }}")
    paper.text(RESULT + "{% if 会办意见单位 %}会办单位：{{ 会办意见单位 }}。{% endif %}")
    paper.text("请填写所附的征询意见表。感谢" + YOU + "的关心和支持。")
    paper.end(annex="征询意见表", contact=True)
    paper.overleaf()
    _form(paper, "征询意见表")


def _opinion(paper: WordPaper) -> None:
    paper.head()
    paper.text("你单位主办的{{ 建议称呼 }}《{{ 建议标题 }}》（领衔代表{{ 领衔代表 }}），我单位会办意见如下：")
    paper.text("{{ 答复内容 }}")
    paper.text("以上意见请在答复代表时一并说明。")
    paper.end(contact=True)


def _rating(paper: WordPaper) -> None:
    _form(paper, "{{ 标题 }}")


def _form(paper: WordPaper, title: str) -> None:
    comes_back = title.startswith("{{")
    paper.heading(title)
    paper.table(
        [
            ("建议编号", "{{ 建议编号 }}", "答复日期", "{{ 答复日期 }}"),
            ("届次会议", "{{ 届次会议 }}"),
            ("建议标题", "{{ 建议标题 }}"),
            ("领衔代表", "{{ 领衔代表 }}", "承办单位", "{{ 承办单位 }}"),
            ("附议代表", "{{ 附议代表 }}", "附议代表"),
            ("面商情况", "{% if 面商情况 %}{{ 面商情况 }}{% else %}没有记录{% endif %}"),
            ("办理结果", OUTCOME),
            ("对办理态度", "{{ 办理态度 }}"),
            ("对办理结果", "{{ 办理成效 }}"),
            ("不满意的\n原因和要求", "{{ 不满意的原因 }}" if comes_back else ""),
            *([("附议代表\n的评价", "{{ 附议代表评价 }}", "附议代表评价")] if comes_back else []),
            ("代表签名", "", "日期", "　　年　月　日"),
        ],
        high=("不满意的\n原因和要求",),
    )
    paper.line("请在方框里打“√”，不满意的请写明原因。领衔和附议代表各填一份，送人大机关。", size=SMALL_PT)


WRITERS = {
    Kind.S_ORDER: _order,
    Kind.S_URGE: _urge,
    Kind.S_REPLY: _reply,
    Kind.S_OPINION: _opinion,
    Kind.S_RATING: _rating,
}
