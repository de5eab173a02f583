"""What is done to every text that comes in."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.forms import MAX_TEXT, HouseForm, clean_person_name, clean_phone, plain_text

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  暖气不热\r\n室温十四度\r", "暖气不热\n室温十四度"),
        ("一\x00二\x07三\x1b四\x7f五\x85六", "一二三四五六"),
        ("左\u202e右\u2066中\ufeff", "左右中"),
        ("一\u2028二\u2029三", "一\n二\n三"),
        ("表\t格", "表\t格"),
        ("𠮷野𰻝\U00031350\U0002ebf0", "𠮷野𰻝\U00031350\U0002ebf0"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("", ""),
    ],
)
def test_a_text_is_kept_without_what_nobody_sees(typed, kept):
    assert plain_text(typed) == kept


@given(st.text())
def test_cleaning_twice_changes_nothing_more_and_leaves_nothing_that_excel_refuses(typed):
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    kept = plain_text(typed)
    assert plain_text(kept) == kept
    assert not ILLEGAL_CHARACTERS_RE.search(kept)
    kept.encode()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("张伟", "张伟"), (" 张 伟 ", "张伟"), ("阿依努尔•买买提", "阿依努尔·买买提"), ("𠮷𰻝", "𠮷𰻝"),
        ("王\U00031350", "王\U00031350"), ("李\U0002ebf0", "李\U0002ebf0"), ("欧阳" * 7, "欧阳" * 7),
        ("买买提．吐尔逊", "买买提·吐尔逊"), ("José", "José"),
    ],
)  # fmt: skip
def test_names_of_two_to_fifteen_characters_are_taken_rare_ones_too(typed, kept):
    assert clean_person_name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("张", "2 到 15 个字"), ("", "2 到 15 个字"), ("张" * 16, "2 到 15 个字"), ("张3", "只能有汉字"),
        ("·张伟", "只能有汉字"), ("张伟·", "只能有汉字"), ("<b>张</b>", "只能有汉字"), ("张，伟", "只能有汉字"),
    ],
)  # fmt: skip
def test_what_is_no_name_is_refused_with_a_sentence(typed, why):
    with pytest.raises(ValidationError, match=why):
        clean_person_name(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13900005521", "13900005521"), ("139 0000 5521", "13900005521"), ("１３９－００００－５５２１", "13900005521"),
        ("+86 139 0000 5521", "13900005521"), ("008613900005521", "13900005521"), ("0352-2046001", "03522046001"),
        ("（0352）2046001", "03522046001"), ("2046001", "2046001"), ("", ""), ("  ", ""),
    ],
)  # fmt: skip
def test_phones_are_taken_as_people_write_them(typed, kept):
    assert clean_phone(typed) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("1390000552", "手机号少了 1 位，请检查。"), ("139000055211", "手机号多了 1 位，请检查。"),
        ("没有", "电话里只能有数字"), ("12345", "手机号少了 6 位"), ("20460", "位数不对"), ("2" * 13, "位数不对"),
        ("13900005521;drop", "电话里只能有数字"), ("١٣٩٠٠٠٠٥٥٢١", "电话里只能有数字"),
    ],
)  # fmt: skip
def test_what_is_no_phone_is_refused_with_a_sentence(typed, why):
    with pytest.raises(ValidationError, match=why):
        clean_phone(typed)


class SampleForm(HouseForm):
    creates = True
    title = forms.CharField(label="标题", max_length=10)
    text = forms.CharField(label="内容", widget=forms.Textarea)
    note = forms.CharField(label="备注", required=False)
    day = forms.DateField(label="日期", required=False)


def test_a_hundred_thousand_characters_are_answered_with_a_sentence_and_stay_in_the_form():
    long = "热" * 100_000
    form = SampleForm({"title": "暖气", "text": long})

    assert form.errors == {"text": [f"最多 {MAX_TEXT} 个字，现在有 100000 个，请缩短。"]}
    assert long in str(form)


def test_length_counts_what_is_kept():
    form = SampleForm({"title": "  一二三四五六七八九十\x00  ", "text": "一\r\n" * 2500})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["title"] == "一二三四五六七八九十"
    assert not SampleForm({"title": "一二三四五六七八九十一", "text": "一"}).is_valid()


def test_a_text_of_nothing_but_control_characters_is_empty():
    assert "title" in SampleForm({"title": "\x07\x00", "text": "一"}).errors


@pytest.mark.parametrize("day", ["1900-01-01", "2100-12-31", "9999-12-31", "0001-01-01"])
def test_far_days_are_days(day):
    assert SampleForm({"title": "一", "text": "一", "day": day}).is_valid()


def test_days_that_are_none_are_refused():
    assert "day" in SampleForm({"title": "一", "text": "一", "day": "2026-02-30"}).errors


def test_each_creating_form_has_a_key_of_its_own():
    keys = {SampleForm()["idem"].value() for _ in range(5)}
    assert len(keys) == 5
    assert 'type="hidden"' in str(SampleForm()["idem"])


def test_what_is_missing_is_asked_for_in_plain_words():
    assert SampleForm({"text": "一"}).errors["title"] == ["请填写。"]
