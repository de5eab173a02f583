"""Likeness of texts: what is found, what is left apart, and which phrases are shown."""

import pytest

from bench import themes as bench
from suggestions.themes.likeness import SAME, Corpus, Text, common, runs, shared


def like(one, other, at_least=0.0):
    found = Corpus([Text(1, one), Text(2, other)]).like(Text(1, one), at_least=at_least)
    return found[0][0] if found else 0


def test_the_same_words_are_wholly_alike_and_courtesy_does_not_count():
    assert like("顶层暖气不热", "您好，希望有关部门尽快解决，顶层暖气不热。") == pytest.approx(1)
    assert like("希望有关部门尽快解决", "希望有关部门尽快解决") == 0


def test_house_numbers_and_marks_make_no_difference():
    assert runs("3号楼，暖气不热！") == runs("１２号楼 暖气不热")


def test_only_one_kind_is_compared_and_what_has_none_with_all():
    texts = [Text(1, "暖气不热", 1), Text(2, "暖气不热", 2), Text(3, "暖气不热")]
    assert [text.key for _, text in Corpus(texts).like(texts[0])] == [3]


def test_the_phrases_shown_stand_in_both_texts():
    one, other = "巷子里的路灯坏了三盏，晚上黑得看不见", "路灯坏了没人换，晚上黑，孩子害怕"
    phrases = shared(one, other)
    assert "路灯坏" in phrases[0]
    assert all(phrase in one and phrase in other for phrase in phrases)
    assert common([one, other, "整条街的路灯坏了"])[0].startswith("路灯坏")


def test_a_group_holds_what_is_like_its_middle_and_nothing_twice():
    texts = [
        Text(n, f"{words}{tail}")
        for n, (words, tail) in enumerate(
            [
                ("楼上暖气不热", "，冷"),
                ("暖气不热", "，室温低"),
                ("家里暖气不热", ""),
                ("电梯总是停运", ""),
                ("公交班次少", ""),
            ]
        )
    ]
    (group,) = Corpus(texts).groups(at_least=0.2)
    assert {text.key for text in group} == {0, 1, 2}


@pytest.mark.parametrize("nothing", ["", "。。。", "123", "好"])
def test_an_empty_text_is_like_nothing(nothing):
    texts = [Text(1, nothing), Text(2, nothing), Text(3, "暖气不热")]
    assert Corpus(texts).like(texts[0]) == []
    assert shared(nothing, "暖气不热") == common([nothing]) == common([]) == []


@pytest.mark.once
def test_on_the_labelled_cases_it_finds_what_the_note_says():
    measured = bench.measure()
    assert measured["cases"] >= 300
    assert measured["measured on"]["candidates"]["precision"] >= 0.9
    assert measured["measured on"]["in other words"]["precision"] >= 0.85
    assert measured["measured on"]["in other words"]["recall"] >= 0.55
    assert measured["groups"]["precision"] >= 0.9
    assert measured["threshold"] < SAME
