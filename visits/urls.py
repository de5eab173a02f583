from django.urls import path

from .views import calendar, checkin, days, device, paper, record, roster, rota, rules

app_name = "visits"
urlpatterns = [
    path("", calendar.calendar, name="calendar"),
    path("new/", days.new, name="new"),
    path("rota/", rota.proposal, name="proposal"),
    path("rota.pdf", paper.rota, name="rota"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.new, name="rule_new"),
    path("rules/<int:pk>/", rules.rule, name="rule"),
    path("rules/<int:pk>/edit/", rules.edit, name="rule_edit"),
    path("rules/<int:pk>/end/", rules.end, name="rule_end"),
    path("attendances/<int:pk>/steps/<str:name>/", roster.step, name="attendance_step"),
    path("attendances/", record.people, name="attendance_records"),
    path("attendances/mine/", record.mine, name="my_record"),
    path("attendances/of/<int:pk>/", record.of, name="attendance_record"),
    path("attendances/contests/", record.contests, name="contests"),
    path("here/<str:token>/", checkin.scan, name="scan"),
    path("<int:pk>/checkin/", checkin.screen, name="checkin"),
    path("<int:pk>/device/", device.device, name="device"),
    path("<int:pk>/present/", checkin.present, name="present"),
    path("<int:pk>/", days.detail, name="detail"),
    path("<int:pk>/edit/", days.edit, name="edit"),
    path("<int:pk>/steps/<str:name>/", days.step, name="step"),
    path("<int:pk>/roster/", roster.roster, name="roster"),
    path("<int:pk>/register.pdf", paper.register, name="register"),
]
