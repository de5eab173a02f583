"""共性问题 of the demonstration: of what likeness finds, the office has confirmed the first; the others wait to be looked at."""

from datetime import date, timedelta

from liaison.accounts.models import Post
from liaison.core.policy import policy_for
from suggestions.models import Request, Theme
from suggestions.themes.finding import Group, groups
from suggestions.themes.likeness import common

from .record import Trail, keep, moment
from .scenarios import HISTORY

NOW, THEN = 2, 3  # confirmed among the requests of now, and of the months that the city reported
TITLES = {  # a word of what they say → what the office calls it
    "装电梯": "老旧小区加装电梯",
    "电梯": "电梯经常停运",
    "物业": "小区物业管理缺位",
    "管网": "供热管网老化漏水",
    "暖气": "冬季供暖温度不够",
    "路灯": "路灯不亮",
    "停车": "小区停车难",
    "车位": "小区停车难",
    "异地": "异地就医报销不便",
    "报销": "异地就医报销不便",
    "烟": "餐饮油烟扰民",
    "自来水": "自来水水质水压问题",
    "垃圾": "垃圾清运不及时",
    "宅基地": "宅基地审批慢",
    "排水": "雨天积水、排水不畅",
    "路": "断头路、破损路面久未修好",
}


def build(office: Post, *, today: date, trail: Trail) -> None:
    """The largest groups at the end of HISTORY, and of now; what the office has no name for it left as it was."""
    for day, most in ((HISTORY[1], THEN), (today, NOW)):
        _confirm(office, day, most, trail)


def _confirm(office: Post, day: date, most: int, trail: Trail) -> None:
    named = set(Theme.objects.filter(area=office.area).values_list("title", flat=True))
    found = groups(office, day, policy_for(office.area, day))
    done = 0
    found = [group for group in found if not any(one.confidential for one in group.requests)]
    for group in sorted(found, key=lambda one: -len(one.requests)):
        title = _title(group)
        if title and title not in named and done < most:
            named.add(title)
            done += 1
            _put_together(office, day, title, group, trail)


def _title(group: Group) -> str:
    words = common(one.title for one in group.requests)
    return next((title for word, title in TITLES.items() if any(word in phrase for phrase in words)), "")


def _put_together(office: Post, day: date, title: str, group: Group, trail: Trail) -> None:
    members = list(group.requests)
    on = min(max(one.received_on for one in members) + timedelta(days=1), day)
    (theme,) = keep(
        [
            Theme(
                area=office.area,
                area_path=office.area.path,
                title=title,
                category=members[0].category,
                lead_words="、".join(group.phrases)[:100],
                created_at=moment(on),
            )
        ]
    )
    Request.objects.filter(pk__in=[one.pk for one in members]).update(theme=theme)
    trail.add(theme, "enter", by=office, at=moment(on))
    for one in members:
        trail.add(one, "group", by=office, at=moment(on), data={"theme": [None, title]})
