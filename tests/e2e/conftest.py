"""A real browser against a real server. TRACE=yes keeps a trace in var/traces where a journey fails."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect, sync_playwright

from tests import factories as f
from tests.conftest import session_of
from visits.models import Category

DESK, PHONE = {"width": 1366, "height": 633}, {"width": 390, "height": 844}
expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                # A page stands for half a second: to optimise its scripts takes longer than to run them as they are.
                "--js-flags=--no-opt --no-maglev --always-sparkplug",
            ],
        )
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.failed_in_call = report.failed
    return report


@pytest.fixture
def open_browser(browser, live_server, request, tmp_path):
    """Open a window as the owner of `post` (or nobody): `open_browser(post, viewport=PHONE, size="elder")`."""
    contexts, traced = [], "TRACE" in os.environ

    def open_window(post=None, *, viewport=DESK, size="std", **options):
        context = browser.new_context(base_url=live_server.url, viewport=viewport, locale="zh-CN", **options)
        if traced:
            context.tracing.start(snapshots=True)
        cookies = [{"name": "size", "value": size, "url": live_server.url}]
        if post is not None:
            cookies.append(
                {"name": settings.SESSION_COOKIE_NAME, "value": session_of(post), "url": live_server.url}
            )
        context.add_cookies(cookies)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        return page

    yield open_window
    for number, context in enumerate(contexts):
        if traced:
            failed = getattr(request.node, "failed_in_call", False)
            context.tracing.stop(
                path=Path("var/traces") / f"{request.node.name}-{number}.zip" if failed else None
            )
        context.close()


@pytest.fixture
def people(transactional_db, people):
    return people


@pytest.fixture
def categories(people):
    """The eight categories that digits choose, with phrases for the first."""
    names = "供暖 物业 道路 停车 环境 土地 医保社保 其他".split()
    for rank, name in enumerate(names, 1):
        Category.objects.update_or_create(
            code=f"{rank:02}",
            defaults={
                "name": name,
                "rank": rank,
                "from_on": f.LONG_AGO,
                "phrases": ["暖气不热", "室温不达标"] if rank == 1 else [],
            },
        )


@pytest.fixture
def today(people, categories):
    """A reception day of today at `people.own`, announced, with two deputies on the roster."""
    activity = f.ActivityFactory(station=people.own, announced=True)
    for deputy in (people.deputy, people.deputy_colleague):
        f.AttendanceFactory(activity=activity, mandate=deputy.mandate)
    return activity
