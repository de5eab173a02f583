"""The stylesheet stays small, plain enough for old browsers, and readable for weak eyes."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

CSS = (Path(settings.BASE_DIR) / "static/css/liaison.css").read_text()
RULES = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)
LIGHT, DARK = (re.search(rf"{scope} \{{([^}}]*)\}}", RULES)[1] for scope in (":root", r"\.dark"))
TOKENS = dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})\b", LIGHT))
ON_DARK = TOKENS | dict(re.findall(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})\b", DARK))


def test_it_is_at_most_8_kilobytes_on_the_wire():
    assert len(gzip.compress(CSS.encode(), 9)) <= 8 * 1024


@pytest.mark.parametrize(
    ("construct", "why"),
    [
        (r":has\(", "Chromium 92 drops the whole rule"),
        (r"@layer\b", "Chromium 92 drops everything inside"),
        (r"color-mix\(|oklch\(|oklab\(|light-dark\(", "Chromium 109 shows no colour"),
        (r"inset-inline|inset-block|\binset\s*:", "Safari 14.0 and old browsers lose the position"),
        (r"@media[^{]*[<>]", "range media queries need Chromium 104"),
        (r"@font-face|@import|url\(", "no web fonts, nothing from elsewhere"),
        (r"@container\b", "only as an enhancement; none so far"),
        (r"overflow-wrap:\s*anywhere", "breaks numbers in table columns"),
        (r"100d?vh|\b\d+[ds]vh\b", "jumps with the address bar of phones"),
        (r"(font-size|line-height)[^;}]*!important", "the reader's own font setting must win"),
        (r"height:\s*[1-9]\d+px", "a control of fixed height cuts larger text: heights are in rem"),
        (r"Emoji", "an emoji font draws wide grey digits"),
    ],
)
def test_it_uses_nothing_that_breaks_somewhere(construct, why):
    assert not re.findall(construct, RULES.replace("height: 10px", "")), (
        why
    )  # the dot of the timeline is no control


def test_no_rule_is_nested():
    depth = 0
    at_rule = False
    for selector, brace in re.findall(r"([^{}]*)([{}])", RULES):
        if brace == "}":
            depth -= 1
            at_rule = at_rule and depth > 0
            continue
        if depth == 0:
            at_rule = selector.strip().startswith("@")
        depth += 1
        assert depth <= 1 + at_rule, selector
        assert "&" not in selector
    assert depth == 0


def contrast(one, other):
    def luminance(colour):
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXTS = [
    ("ink", "paper"), ("ink", "paper-2"), ("ink", "paper-3"), ("ink", "focus"), ("ink", "blue-bg"), ("ink", "red-bg"),
    ("ink", "ok-bg"), ("ink", "warn-bg"), ("ink-2", "paper"), ("ink-2", "paper-2"), ("ink-2", "paper-3"),
    ("ink-3", "paper"), ("ink-3", "paper-2"), ("ink-3", "paper-3"), ("red", "paper"), ("red", "paper-2"), ("red", "red-bg"),
    ("blue", "paper"), ("blue", "paper-2"), ("blue", "blue-bg"), ("blue", "red-bg"), ("blue", "ok-bg"), ("blue", "warn-bg"),
    ("blue-d", "blue-bg"), ("ok", "paper"), ("ok", "paper-2"), ("ok", "ok-bg"), ("warn", "paper"), ("warn", "warn-bg"),
    ("paper", "blue"), ("paper", "blue-d"), ("paper", "red"), ("paper", "red-d"), ("paper", "ok"), ("paper", "ink"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_is_readable(text, ground):
    assert contrast(TOKENS[text], TOKENS[ground]) >= 4.5


@pytest.mark.parametrize("text", ["ink", "ink-2", "ink-3", "blue"])
@pytest.mark.parametrize("ground", ["paper", "paper-2"])
def test_text_is_readable_on_a_dark_ground(text, ground):
    assert contrast(ON_DARK[text], ON_DARK[ground]) >= 4.5


@pytest.mark.parametrize("tokens", [TOKENS, ON_DARK], ids=["light", "dark"])
def test_the_bars_of_a_chart_are_seen(tokens):
    """The second series is light inside; its outline is what must be seen."""
    assert contrast(tokens["blue"], tokens["paper"]) >= 3


@pytest.mark.parametrize("ground", ["paper", "paper-2"])
def test_the_edge_of_a_control_is_seen(ground):
    assert contrast(TOKENS["line-strong"], TOKENS[ground]) >= 3


def test_larger_letters_change_no_colour():
    rules = re.findall(r"html\[data-size=elder\][^{]*\{([^}]*)\}", CSS)
    assert rules
    assert not [rule for rule in rules if re.search(r"color|background|opacity|filter", rule)]


def test_the_number_in_a_heat_cell_is_readable():
    cells = re.findall(r"\.ht\d \{ background: (#\w{6})(?:; color: (#\w{6}|var\(--[\w-]+\)))? \}", RULES)
    assert len(cells) == 6
    for ground, text in cells:
        colour = TOKENS[text[6:-1]] if text.startswith("var") else text or TOKENS["ink"]
        assert contrast(colour, ground) >= 4.5, ground


def test_every_class_in_a_template_has_a_rule():
    """A misspelt class is seen by nobody. Scripts hook on data- attributes, so a class without a rule is a slip."""
    root = Path(settings.BASE_DIR)
    known = {
        name
        for sheet in (root / "static/css").glob("*.css")
        for name in re.findall(r"\.([A-Za-z][\w-]*)", sheet.read_text())
    }
    unknown = set()
    for page in (root / "templates").rglob("*.html"):
        text = re.sub(r"[\w-]*{{.*?}}[\w-]*|{%.*?%}|{#.*?#}", " ", page.read_text())
        unknown |= {
            (page.name, name) for value in re.findall(r'class="([^"]*)"', text) for name in value.split()
        } - {(page.name, name) for name in known}
    assert unknown == set()
