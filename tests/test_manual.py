"""The manual keeps up with the product: its pictures are there, and what a user or an administrator meets is named."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from liaison.accounts.models import Role
from liaison.core.policy import Policy
from liaison.dashboards.nav import MORE, NAV, PHONE

pytestmark = pytest.mark.once

ROOT = Path(settings.BASE_DIR)
MANUAL = ROOT / "docs" / "manual"
PAGES = {
    Role.STATION: "station.md",
    Role.OFFICE: "office.md",
    Role.DEPUTY: "deputy.md",
    Role.UNIT: "unit.md",
    Role.AUDITOR: "auditor.md",
    Role.ADMIN: "admin.md",
}
LARGEST = 120 * 1024


def pages():
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(MANUAL.glob("*.md"))}


def test_every_role_has_its_page_and_the_first_page_leads_to_it():
    assert set(PAGES) == set(Role)
    for name in PAGES.values():
        assert f"({name})" in pages()["README.md"]


def test_every_picture_shown_is_there_and_every_picture_there_is_shown():
    shown = {
        name for text in pages().values() for name in re.findall(r"!\[[^\]]+\]\(pictures/([^)]+)\)", text)
    }
    there = {path.name for path in (MANUAL / "pictures").iterdir()}
    assert shown == there


def test_pictures_are_small():
    large = {path.name for path in (MANUAL / "pictures").iterdir() if path.stat().st_size > LARGEST}
    assert not large


@pytest.mark.parametrize("role", Role)
def test_the_page_of_a_role_begins_with_its_menu_and_names_what_else_it_finds(role):
    text = pages()[PAGES[role]]
    menu, more = (" · ".join(label for label, *_ in NAV[role]), [label for label, *_ in MORE[role]])
    if more and role not in PHONE:  # on phones it stands at the foot of the page
        menu += f" · 更多（{'、'.join(more)}）"
    said = re.search(r"主菜单(?:在页面下方)?：([^。]+)。", text)
    assert said
    assert said[1] == menu
    assert not [label for label in more if label not in text]


def test_every_local_rule_is_explained_with_its_default():
    text = pages()[PAGES[Role.ADMIN]]
    rows = {(rule.metadata["label"], f"{rule.default}") for rule in Policy.rules().values()}
    assert rows <= set(re.findall(r"^\| ([^|]+) \| ([^|]+) \|", text, re.MULTILINE))


def test_every_command_is_named():
    written = "".join(
        path.read_text(encoding="utf-8") for path in [*ROOT.glob("docs/**/*.md"), *ROOT.glob("README*.md")]
    )
    commands = {
        path.stem
        for app in apps.get_app_configs()
        if ROOT in Path(app.path).parents and ".venv" not in Path(app.path).parts
        for path in Path(app.path, "management", "commands").glob("[!_]*.py")
    }
    assert commands
    missing = {name for name in commands if not re.search(rf"\b{name}\b", written)}
    assert not missing


def test_links_between_the_pages_lead_somewhere():
    for name, text in pages().items():
        for target, anchor in re.findall(r"\]\(([\w./-]*)#?([^)]*)\)", text):
            page = (MANUAL / target) if target else MANUAL / name
            assert page.exists(), f"{name}: {target}"
            if anchor and page.suffix == ".md":
                heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
                anchors = {re.sub(r"[^\w -]", "", head).replace(" ", "-").lower() for head in heads}
                assert anchor in anchors, f"{name}: #{anchor}"
