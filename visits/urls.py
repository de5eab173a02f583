from django.urls import path

from .views import calendar, days, kinds, notices, paper, roster, rules, sheets

app_name = "visits"
urlpatterns = [
    path("", calendar.calendar, name="calendar"),
    path("new/", days.new, name="new"),
    path("record/", kinds.record, name="record"),
    path("summary/", kinds.summary, name="summary"),
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
    path("sheets/", sheets.sheets, name="sheets"),
    path("sheets/new/", sheets.new, name="sheet_new"),
    path("sheets/batches/<int:pk>/", sheets.batch, name="sheet_batch"),
    path("sheets/batches/<int:pk>/blank.pdf", sheets.blank, name="sheet_blank"),
    path("sheets/<int:pk>/steps/<str:name>/", sheets.step, name="sheet_step"),
    path("attendances/<int:pk>/steps/<str:name>/", roster.step, name="attendance_step"),
    path("<int:pk>/", days.detail, name="detail"),
    path("<int:pk>/edit/", days.edit, name="edit"),
    path("<int:pk>/steps/<str:name>/", days.step, name="step"),
    path("<int:pk>/roster/", roster.roster, name="roster"),
    path("<int:pk>/invite/", kinds.invite, name="invite"),
    path("<int:pk>/files/", kinds.files, name="files"),
    path("<int:pk>/files/<int:file_pk>/withdraw/", kinds.withdraw, name="withdraw"),
    path("<int:pk>/register.pdf", paper.register, name="register"),
]
