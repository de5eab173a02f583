"""The record of one thing as sentences: what a page shows under “办理记录”."""

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import models

from .audit import AuditEntry

DEEDS = {
    "enter": "登记",
    "amend": "更正",
    "correct": "更正",
    "attach": "上传附件",
    "open_file": "附件改为可以公开",
    "close_file": "附件改为不公开",
    "withdraw": "撤下",
    "void": "作废",
    "restore": "恢复",
    "end": "结束",
    "suspend": "暂停执行职务",
    "resume": "恢复执行职务",
    "roster": "排班",
    "invite": "邀请参加",
    "ask_again": "改期后重新征求意见",
    "rebook": "接待日有变，要另约时间",
    "adjust": "调整代表的站点",
    "amend_person": "更正来访人信息",
    "drop_day": "取消一次未办的接待日",
    "print": "打印登记表",
    "print_paper": "打印公文",
    "export": "导出",
    "compose": "编排条文和站点",
    "decide": "处理意见",
    "due": "期限变动",
    "share_items": "分条确定单位",
    "name_parties": "确定五办",
    "supervise": "五办记录",
    "group": "归入共性问题",
    "ungroup": "移出共性问题",
    "follower": "指定跟单代表",
    "followed": "代表第一次跟单的日期有变",
    "slip": "打开查询单",
    "no_answer": "回访没打通",
    "finish": "完成",
    "fail": "没有做成",
    "download": "下载文件",
    "login": "登录",
    "logout": "退出",
    "login_failed": "登录失败",
    "password": "修改密码",
    "reveal": "看了联系方式",
    "act": "切换岗位",
    "notices": "改通知方式",
}


@dataclass(frozen=True)
class TimelineEntry:
    title: str
    at: datetime
    who: str
    note: str


def timeline(thing: models.Model, *beside: models.Model, most: int = 50) -> list[TimelineEntry]:
    """The newest entries of the record, as templates/ui/timeline.html shows them. The caller may see `thing`.

    `beside` are things of other kinds that belong to its file; their entries say what they are about.
    """
    rows = AuditEntry.objects.of(thing, *beside).select_related("post__user", "post__area")[:most]
    things = {(one._meta.label_lower, str(one.pk)): one for one in (thing, *beside)}
    entries = []
    for row in rows:
        about = things[row.object_type, row.object_id]
        words = title(row) if about is thing else f"{title(row)}：{row.label}"
        entries.append(TimelineEntry(words, row.at, row.actor, _note(about, row)))
    return entries


def title(entry: AuditEntry) -> str:
    """A deed in the words of its workflow table, of its model's own DEEDS, or of the list above."""
    deed = entry.action.rsplit(".", 1)[-1]
    model = apps.get_model(entry.object_type)
    flow = getattr(model, "FLOW", {})
    return flow[deed].label if deed in flow else (DEEDS | getattr(model, "DEEDS", {})).get(deed, "变更")


def _note(thing: models.Model, entry: AuditEntry) -> str:
    """The note, and which fields were corrected; the values stay in the record."""
    names = {
        field.name: str(field.verbose_name)
        for field in thing._meta.get_fields()
        if hasattr(field, "verbose_name")
    }
    corrected = (
        [names[name] for name in entry.data if name in names]
        if entry.action.endswith(("amend", "correct"))
        else []
    )
    parts = [entry.note, f"改了：{'、'.join(corrected)}" if corrected else ""]
    return "\n".join(part for part in parts if part)
