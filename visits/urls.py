from django.urls import path

from .views import calendar, days, notices, paper, roster, rules

app_name = "visits"
urlpatterns = [
    path("", calendar.calendar, name="calendar"),
    path("new/", days.new, name="new"),
    path("rota.pdf", paper.rota, name="rota"),
    path("notices/", notices.notices, name="notices"),
    path("notices/codes/", notices.issue_codes, name="issue_codes"),
    path("notices.pdf", notices.month_sheet, name="month_sheet"),
    path("posters.pdf", notices.poster_sheets, name="posters"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.new, name="rule_new"),
    path("rules/<int:pk>/", rules.rule, name="rule"),
    path("rules/<int:pk>/edit/", rules.edit, name="rule_edit"),
    path("rules/<int:pk>/end/", rules.end, name="rule_end"),
    path("attendances/<int:pk>/steps/<str:name>/", roster.step, name="attendance_step"),
    path("<int:pk>/", days.detail, name="detail"),
    path("<int:pk>/edit/", days.edit, name="edit"),
    path("<int:pk>/steps/<str:name>/", days.step, name="step"),
    path("<int:pk>/roster/", roster.roster, name="roster"),
    path("<int:pk>/register.pdf", paper.register, name="register"),
]
