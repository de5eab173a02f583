"""共性问题 of the demonstration: of what likeness finds, the office has confirmed the first; the others wait to be looked at."""

from datetime import date, timedelta

from liaison.accounts.models import Post
from liaison.core.policy import policy_for
from suggestions.models import Request, Theme
from suggestions.themes.finding import Group, groups
from suggestions.themes.likeness import common

from .record import Trail, keep, moment
from .scenarios import Scenario

NOW, THEN = 2, 3  # confirmed among the requests of now, and of the months that the city reported
LEAST = 3  # requests in one theme
TITLES = {  # a word of what they say → what the office calls it
    "装电梯": "老旧小区加装电梯",
    "电梯三天两头停": "电梯经常停运",
    "原来的物业": "小区物业撤走没人接",
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
    "墙外就断": "断头路久未修通",
    "修了一半": "断头路久未修通",
    "供热": "供热不足和管道漏水",
    "电动车": "电动车充电和停放",
    "公交": "公交班次少、末班早",
    "末班车": "公交班次少、末班早",
    "水压": "高层水压低",
    "养老金": "养老金核算疑问",
    "门锁": "单元门锁损坏",
    "灵活就业": "灵活就业人员参保",
    "敬老院": "公办敬老院床位紧",
    "拉土车": "工地车辆带泥上路",
    "盲道": "人行道被占用",
    "燃气管": "老旧燃气管锈蚀",
    "一下雨就漏": "顶楼屋面漏雨",
    "灌溉": "农田灌溉用水难",
}


def build(scenario: Scenario, office: Post, *, today: date, trail: Trail) -> None:
    """The largest groups at the end of the history, and of now; those that the office has no name for are left as they are."""
    for day, most in ((scenario.history[1], THEN), (today, NOW)):
        _confirm(office, day, most, trail)


def _confirm(office: Post, day: date, most: int, trail: Trail) -> None:
    named = set(Theme.objects.filter(area=office.area).values_list("title", flat=True))
    found = groups(office, day, policy_for(office.area, day))
    for group in sorted(found, key=lambda one: -len(one.requests)):
        title, members = _looked_at(group)
        if title and title not in named and most > 0:
            named.add(title)
            most -= 1
            _put_together(office, day, title, members, trail)


def _looked_at(group: Group) -> tuple[str, list[Request]]:
    """As the office would: what at least half of them speak of, and only those that do."""
    for word, title in TITLES.items():
        members = [one for one in group.requests if word in one.wording and not one.confidential]
        if len(members) >= max(LEAST, len(group.requests) / 2):
            return title, members
    return "", []


def _put_together(office: Post, day: date, title: str, members: list[Request], trail: Trail) -> None:
    on = min(max(one.received_on for one in members) + timedelta(days=1), day)
    (theme,) = keep(
        [
            Theme(
                area=office.area,
                area_path=office.area.path,
                title=title,
                category=members[0].category,
                lead_words="、".join(common(one.wording for one in members))[:100],
                created_at=moment(on),
            )
        ]
    )
    Request.objects.filter(pk__in=[one.pk for one in members]).update(theme=theme)
    trail.add(theme, "enter", by=office, at=moment(on))
    for one in members:
        trail.add(one, "group", by=office, at=moment(on), data={"theme": [None, title]})
