"""What templates say often, how forms look, and habits that every template keeps."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django import forms
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template, render_to_string

from liaison.core.templatetags import ui
from liaison.dashboards.nav import NAV

pytestmark = pytest.mark.once

TEMPLATES = Path(settings.BASE_DIR) / "templates"
SPRITE = (Path(settings.BASE_DIR) / "static/img/icons.svg").read_text()
PAGES = sorted(TEMPLATES.rglob("*.html"))

today = time_machine.travel("2026-11-11 12:00 +0800", tick=False)


def plain(html):
    return re.sub(r"<[^>]+>", "", html)


# --- Days and times ---


@today
@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 11), "12月11日（周五）"),
        (date(2025, 12, 11), "2025年12月11日（周四）"),
        (datetime(2026, 12, 10, 17, 0, tzinfo=UTC), "12月11日（周五）"),  # one o'clock at night in Shanghai
        (None, ""),
    ],
)
def test_a_day_is_said_in_words_with_the_year_only_where_it_is_another(day, words):
    assert plain(ui.zdate(day)) == words


@today
def test_a_day_may_break_before_the_weekday_and_nowhere_else():
    assert ui.zdate(date(2026, 12, 11)) == (
        '<span class="nowrap">12月11日</span><span class="nowrap">（周五）</span>'
    )


@today
def test_times_lose_their_leading_zero_and_ranges_their_missing_end():
    assert ui.ztime(time(9, 5)) == "9:05"
    assert ui.ztime(time(0, 0)) == "0:00"
    assert plain(ui.zrange(time(9), time(11, 30))) == "9:00—11:30"
    assert plain(ui.zrange(time(9), None)) == "9:00"
    assert (
        ui.zrange(None, None) == ui.ztime(None) == ui.zmoment(None) == ui.zday(None) == ui.weekday(None) == ""
    )
    assert plain(ui.zmoment(datetime(2026, 11, 9, 7, 20, tzinfo=UTC))) == "11月9日 15:20"


@pytest.mark.parametrize(
    ("due", "words", "tone"),
    [
        (date(2026, 11, 26), "还剩 15 天", "plain"),
        (date(2026, 11, 14), "还剩 3 天", "warn"),
        (date(2026, 11, 11), "今天到期", "warn"),
        (date(2026, 11, 2), "超期 9 天", "late"),
    ],
)
def test_the_days_left_turn_yellow_when_few_and_red_when_over(due, words, tone):
    on = date(2026, 11, 11)
    assert ui.days_left(due, on) == words
    assert ui.due_tag(due, on) == f'<span class="tag tag-{tone}">{words}</span>'


def test_no_deadline_says_nothing():
    assert ui.days_left(None) == ui.due_tag(None) == ""


# --- Names and numbers with their middle hidden ---


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张建国", "张*"),
        ("欧阳修", "欧*"),
        ("买买提·吐尔逊·阿不都热合曼", "买*"),
        ("𠮷田", "𠮷*"),
        (" 王丽 ", "王*"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_masked_name_keeps_its_first_character_and_not_its_length(name, masked):
    assert ui.mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800005521", "138****5521"),
        ("138 0000 5521", "138****5521"),
        ("+86 138-0000-5521", "138****5521"),
        ("0355-1234567", "035****4567"),
        ("1234567", "****67"),
        ("12345", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_masked_phone_keeps_too_little_to_call(phone, masked):
    assert ui.mask_phone(phone) == masked


# --- Tags and icons ---


def test_a_tag_escapes_its_words_and_knows_its_colours():
    assert ui.tag("<b>", "warn") == '<span class="tag tag-warn">&lt;b&gt;</span>'
    with pytest.raises(TemplateSyntaxError):
        ui.tag("待派单", "red")


def test_an_icon_is_silent_beside_words_and_speaks_where_it_stands_alone():
    assert 'aria-hidden="true"' in ui.icon("bell")
    assert 'role="img" aria-label="通知"' in ui.icon("bell", "通知")


def test_every_icon_that_is_named_exists():
    names = {name for page in PAGES for name in re.findall(r'{% icon "([\w-]+)"', page.read_text())}
    for app in ("liaison", "stations", "deputies", "visits", "suggestions"):
        for source in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            names |= set(re.findall(r"""["']?\bicon["']?\s*[=:]\s*["']([\w-]+)["']""", source.read_text()))
    names |= {icon for links in NAV.values() for _, _, icon in links}
    assert "bell" in names
    assert sorted(name for name in names if f'<symbol id="{name}"' not in SPRITE) == []


# --- Forms ---


class Sample(forms.Form):
    name = forms.CharField(label="姓名", help_text="2 到 15 个字", error_messages={"required": "请写姓名"})
    phone = forms.CharField(label="手机", required=False)
    on = forms.DateField(label="日期", required=False)
    way = forms.ChoiceField(
        label="处理方式", choices=[("a", "现场答复"), ("b", "提交派单")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label="同意公开", required=False)
    text = forms.CharField(label="反映的问题", widget=forms.Textarea, max_length=500, required=False)
    kind = forms.ChoiceField(label="类别", choices=[("", "---------"), ("a", "供暖")], required=False)
    file = forms.FileField(label="照片", required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_says_label_hint_error_and_input_in_this_order():
    field = str(Sample({})["name"].as_field_group())
    parts = ["<label", "2 到 15 个字", "请写姓名", "<input"]
    places = [field.index(part) for part in parts]
    assert places == sorted(places)
    assert 'class="f bad"' in field
    assert 'aria-describedby="id_name_helptext id_name_error"' in field
    assert 'id="id_name_helptext"' in field
    assert 'id="id_name_error"' in field
    assert 'aria-invalid="true"' in field


def test_only_what_may_stay_empty_is_marked_and_a_filter_is_not():
    form = Sample()
    assert "（选填）" not in form["name"].as_field_group()
    assert "（选填）" in form["phone"].as_field_group()
    assert "（选填）" not in form["agreed"].as_field_group()
    form.unmarked = True
    assert "（选填）" not in form["phone"].as_field_group()


def test_choices_are_chips_in_a_fieldset_with_a_legend():
    field = Sample()["way"].as_field_group()
    assert "<fieldset" in field
    assert "<legend>处理方式</legend>" in field
    assert '<div id="id_way" class="pick">' in field
    assert field.count("<span>") == 2


def test_a_single_checkbox_is_a_chip_with_its_label():
    assert re.search(
        r'<div class="pick"><label for="id_agreed"><input type="checkbox"[^>]*><span>同意公开</span></label>',
        Sample()["agreed"].as_field_group(),
    )


def test_a_day_goes_into_the_browsers_own_calendar():
    field = Sample(initial={"on": date(2026, 1, 9)})["on"].as_field_group()
    assert 'type="date"' in field
    assert 'value="2026-01-09"' in field


def test_a_long_text_with_an_end_is_counted():
    assert "data-counter" in Sample()["text"].as_field_group()


def test_a_row_of_dashes_is_said_in_words():
    assert "请选择" in Sample()["kind"].as_field_group()


def test_a_refused_form_begins_with_links_to_what_is_to_be_mended():
    form = Sample({})
    form.full_clean()
    form.add_error(None, "这一天已经排过。")
    html = str(form)
    assert "有 3 处要改" in html
    assert '<a href="#id_name">姓名：请写姓名</a>' in html
    assert '<a href="#id_way">处理方式：' in html
    assert html.count("这一天已经排过。") == 1
    assert html.index('role="alert"') < html.index("<label")
    assert 'id="id_way"' in html


def test_a_fresh_form_has_no_summary_and_keeps_its_hidden_fields():
    html = str(Sample())
    assert "summary" not in html
    assert html.count('name="key"') == 1


# --- Pieces ---


def test_a_pager_without_pages_is_nothing():
    page = SimpleNamespace(previous="", next="", count=None)
    assert "nav" not in render_to_string("ui/pager.html", {"page": page})
    page.next, page.count = "?cursor=x&q=1", 392
    html = render_to_string("ui/pager.html", {"page": page})
    assert 'href="?cursor=x&amp;q=1"' in html
    assert "共 392 条" in html
    assert "上一页" not in html


def test_today_is_said_in_words_in_the_month():
    day = {"date": date(2026, 11, 11), "inside": True, "today": True, "entries": []}
    month = {"label": "2026年11月", "previous": "", "next": "?month=2026-12", "count": 0, "weeks": [[day]]}
    html = render_to_string("ui/month.html", {"month": month})
    assert "今天" in html
    assert "日（周三）" in html
    assert "这个月没有安排。" in html
    assert "上个月" not in html


@today
def test_the_timeline_says_what_when_who_and_why():
    entry = {
        "title": "部门接单",
        "at": datetime(2026, 11, 9, 7, 20, tzinfo=UTC),
        "who": "陈工",
        "note": "17日进场。",
    }
    assert (
        re.sub(r"\s", "", plain(render_to_string("ui/timeline.html", {"entries": [entry]})))
        == "部门接单11月9日15:20·陈工17日进场。"
    )


@pytest.mark.parametrize("name", ["400", "403", "404", "500"])
def test_an_error_page_stands_without_any_context(name):
    html = get_template(f"{name}.html").template.render(Context())
    assert html.count("<h1>") == 1
    assert 'href="/"' in html


# --- Habits ---


def test_every_template_keeps_the_house_rules():
    broken = {
        str(page.relative_to(TEMPLATES)): found
        for page in PAGES
        if (found := list(rules_broken(page.read_text())))
    }

    assert broken == {}


def rules_broken(text):
    """What the text of a template does that the house does not want."""
    if not re.match(r"({% extends .+? %}\n)?{# Context: ", text):
        yield "it does not open with its contract"
    if re.search(r"\sstyle=", text):
        yield "inline style"
    if re.search(r"\son\w+=", text):
        yield "inline JavaScript"
    if re.search(r"<script(?![^>]*\bsrc=)", text):
        yield "a script that is no file"
    for tag in re.findall(r"{% include .+? %}", text):
        # Django's own pieces of a widget need the whole of its context.
        if not (tag.endswith(" only %}") or "django/forms/widgets/" in tag or "option.template_name" in tag):
            yield tag


def test_every_template_can_be_read():
    for page in PAGES:
        Template(page.read_text())
