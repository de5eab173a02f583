"""What each role finds in the main menu, and under 更多: label, name of the address, icon (on phones)."""

from liaison.accounts.models import Role

# fmt: off
NAV = {
    Role.STATION: [
        ("工作台", "dashboards:home", "home"),
        ("接待日", "visits:calendar", "calendar"),
        ("约见", "appointments:list", "calendar-event"),
        ("来访登记", "suggestions:visits", "clipboard-list"),
        ("诉求单", "suggestions:requests", "file-text"),
        ("代表", "deputies:list", "users"),
        ("站点", "stations:list", "map-pin"),
        ("统计", "boards:board", "chart-bar"),
    ],
    Role.OFFICE: [
        ("工作台", "dashboards:home", "home"),
        ("接待日", "visits:calendar", "calendar"),
        ("约见", "appointments:list", "calendar-event"),
        ("来访登记", "suggestions:visits", "clipboard-list"),
        ("诉求单", "suggestions:requests", "file-text"),
        ("派单", "orders:list", "send"),
        ("站点", "stations:list", "map-pin"),
        ("代表", "deputies:list", "users"),
        ("统计", "boards:board", "chart-bar"),
    ],
    Role.AUDITOR: [
        ("首页", "dashboards:home", "home"),
        ("统计", "boards:board", "chart-bar"),
        ("报表", "issued:list", "file-text"),
        ("接待日", "visits:calendar", "calendar"),
        ("约见", "appointments:list", "calendar-event"),
        ("来访登记", "suggestions:visits", "clipboard-list"),
        ("诉求单", "suggestions:requests", "file-text"),
        ("站点", "stations:list", "map-pin"),
        ("代表", "deputies:list", "users"),
    ],
    Role.DEPUTY: [
        ("事项", "dashboards:home", "home"),
        ("接待日", "visits:calendar", "calendar"),
        ("联系", "contacts:list", "users"),
        ("站点", "stations:list", "map-pin"),
        ("我的", "deputies:me", "user"),
    ],
    Role.UNIT: [
        ("待办", "dashboards:home", "home"),
        ("代表建议", "suggestions:suggestions", "file-text"),
        ("派单", "orders:list", "send"),
        ("民生实事", "projects:list", "flag"),
        ("统计", "own:board", "chart-bar"),
    ],
    Role.ADMIN: [
        ("首页", "dashboards:home", "home"),
        ("站点", "stations:list", "map-pin"),
        ("代表", "deputies:list", "users"),
        ("基础数据", "admin:index", "settings"),
    ],
}
MORE = {
    Role.STATION: [
        ("十项任务", "tasks:board", "list-check"),
        ("履职要求", "quotas:board", "checklist"),
        ("报表", "issued:list", "file-text"),
        ("派单", "orders:list", "send"),
        ("共性问题", "themes:list", "list-check"),
        ("双联", "contacts:list", "phone"),
        ("代表建议", "suggestions:suggestions", "file-text"),
        ("征求意见", "suggestions:drafts", "file-text"),
        ("上级的表", "superior:list", "clipboard-list"),
        ("动态", "news:list", "news"),
        ("导入", "imports:start", "upload"),
        ("后台任务", "core:jobs", "clock"),
    ],
    Role.OFFICE: [
        ("报表", "issued:list", "file-text"),
        ("待派单", "dispatch:list", "send"),
        ("共性问题", "themes:list", "list-check"),
        ("覆盖", "coverage:board", "map-pin"),
        ("十项任务", "tasks:board", "list-check"),
        ("履职要求", "quotas:board", "checklist"),
        ("编组方案", "deputies:proposals", "users-group"),
        ("双联", "contacts:list", "phone"),
        ("代表建议", "suggestions:suggestions", "file-text"),
        ("征求意见", "suggestions:drafts", "file-text"),
        ("动态", "news:list", "news"),
        ("民生实事", "projects:list", "flag"),
        ("公文模板", "suggestions:paper_templates", "printer"),
        ("上级的表", "superior:list", "clipboard-list"),
        ("导入", "imports:start", "upload"),
        ("后台任务", "core:jobs", "clock"),
    ],
    Role.AUDITOR: [
        ("派单", "orders:list", "send"),
        ("共性问题", "themes:list", "list-check"),
        ("覆盖", "coverage:board", "map-pin"),
        ("十项任务", "tasks:board", "list-check"),
        ("履职要求", "quotas:board", "checklist"),
        ("编组方案", "deputies:proposals", "users-group"),
        ("双联", "contacts:list", "phone"),
        ("代表建议", "suggestions:suggestions", "file-text"),
        ("征求意见", "suggestions:drafts", "file-text"),
        ("动态", "news:list", "news"),
        ("民生实事", "projects:list", "flag"),
        ("上级的表", "superior:list", "clipboard-list"),
        ("后台任务", "core:jobs", "clock"),
    ],
    Role.DEPUTY: [
        ("履职要求", "quotas:board", "checklist"),
        ("我的数字", "own:board", "chart-bar"),
        ("代表建议", "suggestions:suggestions", "file-text"),
        ("共性问题", "themes:list", "list-check"),
        ("征求意见", "suggestions:drafts", "file-text"),
        ("动态", "news:list", "news"),
        ("民生实事", "projects:list", "flag"),
    ],
    Role.UNIT: [
        ("共性问题", "themes:list", "list-check"),
    ],
    Role.ADMIN: [
        ("导入", "imports:start", "upload"),
        ("后台任务", "core:jobs", "clock"),
    ],
}
# fmt: on
# Pages that lie beside the one that the menu names, and have no entry of their own.
BESIDE = {"boards:board": ("reports:figures",)}
PHONE = (Role.DEPUTY,)
