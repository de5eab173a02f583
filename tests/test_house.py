"""The house tests itself: what no single test would notice."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.urls import URLResolver, get_resolver

from liaison.core.rest.callers import HasPost

pytestmark = pytest.mark.once

HOUSE = Path(settings.BASE_DIR)
PACKAGES = ["liaison", "stations", "deputies", "visits", "suggestions"]


def sources(*folders):
    return [
        path
        for folder in folders
        for path in sorted((HOUSE / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


@cache
def tree_of(path):
    """The syntax of a file, for as many tests as ask."""
    return ast.parse(path.read_text())


# --- Migrations, templates, environment -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


DRAWN_BY_DJANGO = {"400.html", "403.html", "404.html", "500.html"}
TEMPLATES = {
    path.relative_to(HOUSE / "templates").as_posix(): path.read_text()
    for path in (HOUSE / "templates").rglob("*.*")
}


def test_every_template_is_used():
    texts = "\n".join([*(path.read_text() for path in sources(*PACKAGES)), *TEMPLATES.values()])
    named = set(re.findall(r"[\"']([\w/.-]+\.(?:html|txt|xml))(?:#[\w-]+)?[\"']", texts))
    by_role = re.findall(r"f\"([\w/]+/)\{[^}\"]+\}\.html\"", texts)  # f"dashboards/{role}.html"
    unused = TEMPLATES.keys() - named - DRAWN_BY_DJANGO

    assert not {name for name in unused if not name.startswith(("django/", *by_role))}


def test_every_template_says_what_it_needs():
    silent = {
        name for name, text in TEMPLATES.items() if "Context:" not in text and not name.startswith("django/")
    }

    assert not silent, "open with {# Context: what the view hands over #}"


def test_a_piece_receives_what_it_names():
    loose = [
        (name, tag)
        for name, text in TEMPLATES.items()
        for tag in re.findall(r"{% include [^%]*%}", text)
        if " only " not in tag and not name.startswith("django/")
    ]

    assert not loose


def test_no_style_and_no_script_stands_in_a_template():
    inline = re.compile(
        r"<style|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|\son\w+=|\sstyle=|javascript:",
        re.IGNORECASE,
    )
    drawn_as_pdf = {name for name in TEMPLATES if name.endswith("_pdf.html")}
    wrong = [
        (name, found[0])
        for name, text in TEMPLATES.items()
        if name not in drawn_as_pdf and (found := inline.search(text))
    ]

    assert not wrong, "the content security policy refuses them"


def test_every_variable_of_the_environment_is_described():
    told = set(re.findall(r"^\| `(\w+)` \|", (HOUSE / "docs/environment.md").read_text(), re.MULTILINE))
    read = set()
    for path in sources("liaison"):
        if "env" not in path.read_text():
            continue
        for call in (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call) and node.args):
            of_env = re.fullmatch(r"(env\.\w+|os\.environ\.get)", ast.unparse(call.func))
            if (
                of_env
                and isinstance(call.args[0], ast.Constant)
                and path.name != "env.py"
                and call.func.attr != "running"
            ):
                read.add(call.args[0].value)

    assert read == told


# --- Doors --------------------------------------------------------------------------------------------------------------

# Anyone may come in here without having signed in. Each with its reason.
OPEN = {
    "dashboards:home": "the public site; who has signed in gets the home page",
    "accounts:login": "to sign in",
    "visits:scan": "the camera of a phone opens it before its owner has signed in; it says nothing of the activity",
    "core:alive": "asked by the supervisor of the containers",
    "core:ready": "likewise",
    "core:worker": "a script with nothing of anybody in it",
    "core:size": "larger letters are for everybody",
    "appointments:new": "residents ask for a deputy",
    "appointments:asked": "the secret in the address stands for the person",
    "appointments:find": "by number and query code, with a lock",
    "track:request": "the secret in the address stands for the person",
    "track:file": "likewise, and a file of an answer that the person was told of",
    "track:find": "by number and query code, with a lock",
    "screen:by_link": "the secret in the address stands for the office that opened the screen",
    "portal:accessibility": "a public statement",
    "portal:privacy": "a public statement",
    "portal:notices": "announced days are for everybody",
    "portal:photo": "photos of a station's public page, and no other file",
    "portal:answer_file": "files of a published reply, each marked as one for anybody",
    "portal:door": "a printed code is read by whoever passes by",
    "stations:list": "strangers get the public list",
    "stations:detail": "strangers get the public view",
    "suggestions:suggestions": "strangers get what was published",
    "suggestions:suggestion": "strangers get what was published",
    "deputies:list": "strangers get the public directory",
    "deputies:detail": "strangers get the public view",
    "projects:list": "strangers get the projects that were chosen",
    "projects:detail": "strangers get the public view",
    "news:list": "strangers get what was published",
    "news:detail": "strangers get what was published",
    "bulletins:list": "strangers get what was issued",
    "bulletins:detail": "strangers get what was issued",
    "portal:news_photo": "photos of published news, and no other file",
    "portal:bulletin_file": "the files of an issued bulletin, and no other",
    "api:token": "a program signs in",
    "api:nothing": "says 404 in the shape of the interface",
    "no_such_api": "likewise",
}


def views(resolver=None, names=()):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern, (*names, pattern.namespace) if pattern.namespace else names)
        else:
            yield ":".join((*names, pattern.name or str(pattern.pattern))), pattern.callback


def is_open(view):
    """Django's middleware lets every view of REST pass; there the permission class is the door."""
    viewset = getattr(view, "cls", None)
    if viewset is not None:
        return HasPost not in getattr(viewset, "permission_classes", ())
    return not getattr(view, "login_required", True)


def test_every_address_sends_a_stranger_to_sign_in_but_the_few_that_are_listed():
    found = {name for name, view in views() if is_open(view) and not name.startswith("admin:")}

    assert found == OPEN.keys()


def test_a_view_that_creates_takes_a_form_only_once():
    """`creates = True` puts a key into the form; the view must look at it (`@once`)."""
    package = {path: path.relative_to(HOUSE).parts[0] for path in sources(*PACKAGES)}
    forms = {
        (package[path], node.name)
        for path in package
        if "creates = True" in path.read_text()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(line) == "creates = True" for line in node.body)
    }
    careless = []
    for path in view_modules():
        creating = {name for where, name in forms if where == package[path]}
        for view in (node for node in tree_of(path).body if isinstance(node, ast.FunctionDef)):
            used = {
                ast.unparse(call.func) for call in ast.walk(view) if isinstance(call, ast.Call)
            } & creating
            doors = {ast.unparse(decorator) for decorator in view.decorator_list}
            if used and any("roles" in door for door in doors) and "once" not in doors:
                careless.append(f"{path.relative_to(HOUSE)}: {view.name} uses {sorted(used)}")
    assert not [line for line in careless if line not in CORRECTS]


CORRECTS = {
    "suggestions/views/visits.py: edit uses ['VisitForm']",  # the same form, over a visit that is there already
}


# --- What is seen goes through visible_to -------------------------------------------------------------------------------

SCOPING = {"visible_to", "kept_by", "open_to", "public", "none"}  # words that say who may see
WRITING = {"record", "show", "invite", "keep"}  # methods of managers that make something

# Rows that a view fetches otherwise: of what was found in sight just before, or narrowed by it. Each with its reason.
EXPLAINED = {
    "deputies/views.py edit": "handed to kept(), which asks visible_to and kept_by",
    "deputies/views.py end_mandate": "handed to kept()",
    "deputies/views.py assign": "handed to kept()",
    "deputies/views.py edit_group": "handed to kept()",
    "deputies/views.py _mandates": "of a deputy found in sight",
    "visits/views/roster.py _offered": "narrows candidates(), which asks visible_to",
    "visits/views/days.py result": "of an activity found in sight",
    "visits/views/kinds.py tally": "of activities found in sight",
    "visits/views/rules.py edit": "the station of a rule found in sight",
    "suggestions/feedback/views.py _tries": "of requests found in sight",
    "suggestions/views/visits.py _duty": "the roster of an activity found in sight",
    "suggestions/views/visits.py new": "those assigned to stations in sight",
    "suggestions/views/log.py log": "the roster of an activity found in sight",
    "suggestions/views/door.py shown_photos": "asks files_visible_to, of a visit found in sight",
    "suggestions/views/log.py _visits": "of an activity found in sight",
    "suggestions/views/opinions.py _addressed": "the stations of a draft found in sight, near the acting post",
    "suggestions/themes/views.py put_together": "makes one, of requests that the form found in sight",
    "suggestions/themes/api.py make": "likewise",
    "deputies/views.py _codes": "makes one for a station or deputy found in sight",
    "liaison/portal/views.py changed": "days that everybody had been told of",
    "liaison/portal/views.py expected": "the rosters of announced days, by name alone",
    "liaison/portal/views.py deputy": "of a deputy found among the public ones",
    "liaison/dashboards/views.py _deputy": "narrows one's own attendances",
    "liaison/dashboards/views.py home": "one's own inbox",
    "liaison/reports/screen/views.py by_link": "by the secret of its link; what is shown is asked as its post sees it",
    "liaison/core/views.py ready": "is it there at all, and how much waits; nobody's rows",
    "liaison/core/views.py inbox": "one's own inbox",
}


def view_modules():
    return [
        p
        for p in sources(*PACKAGES)
        if p.name in ("views.py", "api.py") or p.parent.name == "views" or "liaison/api/" in p.as_posix()
    ]


def unscoped(path, scoped):
    """Where `Model.objects…` is asked without a word of SCOPING, for models whose manager has visible_to."""
    tree = tree_of(path)
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (
            isinstance(node, ast.Attribute) and node.attr == "objects" and ast.unparse(node.value) in scoped
        ):
            continue
        words, top = set(), node
        while isinstance(above[top], ast.Attribute) or (
            isinstance(above[top], ast.Call) and above[top].func is top
        ):
            top = above[top]
            words |= {top.attr} if isinstance(top, ast.Attribute) else set()
        while not isinstance(top, ast.FunctionDef | ast.Module):
            top = above[top]
        if not words & (SCOPING | WRITING):
            yield f"{path.relative_to(HOUSE)} {getattr(top, 'name', '')}"


def test_no_view_asks_for_rows_past_visible_to():
    scoped = {model.__name__ for model in apps.get_models() if hasattr(model._default_manager, "visible_to")}
    found = {place for path in view_modules() for place in unscoped(path, scoped)}

    assert found - EXPLAINED.keys() == set(), "ask visible_to, or explain here why not"
    assert EXPLAINED.keys() - found == set(), "explained, and no longer there"
