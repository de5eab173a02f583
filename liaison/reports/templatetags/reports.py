"""What the pages of figures share."""

from typing import Any

from django import template
from django.urls import reverse

from liaison.accounts.models import Role
from liaison.reports.metrics import ASKERS, OVERSEERS

register = template.Library()

SECTIONS = (  # label, name of the address, who may enter
    ("看板", "boards:board", ASKERS),
    ("全部指标", "reports:figures", ASKERS),
    ("覆盖", "coverage:board", OVERSEERS),
    ("报表", "issued:list", ASKERS),
    ("定稿", "seals:list", OVERSEERS),
    ("定时报表", "schedules:list", OVERSEERS),
    ("上级的表", "superior:list", ASKERS),
    ("指标字典", "reports:dictionary", tuple(Role.values)),
    ("大屏", "screen:links", (Role.OFFICE,)),
    ("大屏", "screen:own", (Role.AUDITOR,)),
)


@register.inclusion_tag("reports/_sections.html", takes_context=True)
def sections(context: Any, current: str) -> dict[str, Any]:
    """The pages of figures as tabs, of those that the acting role may open; `current` is the name of an address."""
    post = context["post"]
    return {
        "sections": [
            {"label": label, "url": reverse(name), "current": name == current, "count": None}
            for label, name, roles in SECTIONS
            if post is not None and post.role in roles
        ]
    }
