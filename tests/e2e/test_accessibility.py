"""axe finds nothing on any page, in both sizes; nothing overflows on a small phone."""

import re
from datetime import time, timedelta
from io import BytesIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from deputies.models import GroupMembership, QrToken
from liaison.core.models import Attachment, Job
from stations.models import StationPhoto, StationRule
from tests import factories as f
from tests.e2e.conftest import DESK, PHONE
from visits.models import Activity, Appointment, Attendance, Notice

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

# Who looks at which page. Braces are filled from the things below; a page of the product missing here fails the test.
PAGES = {
    "nobody": [
        "/",
        "/login/",
        "/accessibility/",
        "/privacy/",
        "/notices/",
        "/notices/?q=无此地",
        "/stations/",
        "/stations/?q=无此地",
        "/stations/PC01/",
        "/stations/PC02/",
        "/stations/PC0199/",
        "/deputies/",
        "/deputies/{deputy}/",
        "/deputies/{former}/",
        "/q/missing/",
        "/missing/",
        "/appointments/new/",
        "/appointments/new/?station=PC01",
        "/appointments/find/",
        "/appointments/{secret}/",
    ],
    "station": [
        "/",
        "/inbox/",
        "/password/",
        "/styleguide/",
        "/styleguide/?errors",
        "/figures/",
        "/figures/activity.visitors/",
        "/activities/",
        "/activities/?view=list",
        "/activities/new/",
        "/activities/notices/",
        "/activities/notices/?what=late",
        "/activities/notices/?what=up",
        "/activities/notices/codes/",
        "/activities/{activity_ahead}/steps/announce_cancel/",
        "/deputies/codes/PC01/",
        "/deputies/codes/{code}/steps/redirect/",
        "/deputies/{deputy}/codes/",
        "/activities/rules/",
        "/activities/rules/new/",
        "/activities/rules/{rule}/",
        "/activities/rules/{rule}/edit/",
        "/activities/rules/{rule}/end/",
        "/activities/{activity}/",
        "/activities/{activity}/edit/",
        "/activities/{activity}/roster/",
        "/activities/{activity}/log/",
        "/activities/{activity}/steps/close/",
        "/activities/{activity}/steps/cancel/",
        "/activities/attendances/{attendance}/steps/substitute/",
        "/stations/",
        "/stations/PC01/",
        "/stations/PC01/edit/",
        "/stations/PC01/photos/",
        "/stations/PC01/rules/",
        "/stations/PC01/rules/{wall_rule}/edit/",
        "/stations/PC01/photos/{photo}/withdraw/",
        "/deputies/",
        "/deputies/{deputy}/",
        "/deputies/groups/",
        "/deputies/groups/{group}/",
        "/visits/",
        "/visits/new/",
        "/visits/find/",
        "/visits/{visit}/",
        "/visits/{visit}/edit/",
        "/visits/{visit}/void/",
        "/requests/",
        "/requests/{request}/",
        "/drafts/",
        "/drafts/{draft}/",
        "/drafts/{draft}/opinions/",
        "/drafts/{draft}/opinions/new/",
        "/opinions/{opinion}/",
        "/opinions/{opinion}/edit/",
        "/opinions/{opinion}/void/",
        "/jobs/",
        "/jobs/{job}/",
        "/jobs/{job}/steps/cancel/",
        "/jobs/{done_job}/",
        "/appointments/",
        "/appointments/enter/",
        "/appointments/{appointment}/",
        "/appointments/{appointment}/steps/propose/",
    ],
    "office": [
        "/",
        "/stations/new/",
        "/stations/PC01/staff/",
        "/stations/PC01/staff/{staff}/end/",
        "/deputies/groups/new/",
        "/deputies/groups/{group}/edit/",
        "/deputies/members/{membership}/end/",
        "/deputies/new/",
        "/deputies/{deputy}/edit/",
        "/deputies/{deputy}/mandates/new/",
        "/deputies/mandates/{mandate}/end/",
        "/deputies/mandates/{mandate}/assign/",
        "/deputies/assignments/{assignment}/end/",
        "/drafts/new/",
        "/drafts/{unready}/edit/",
        "/drafts/{draft}/steps/extend/",
        "/opinions/{opinion}/decide/",
    ],
    "deputy": ["/", "/activities/", "/activities/{activity}/", "/stations/", "/stations/PC01/", "/deputies/me/", "/inbox/",
               "/activities/attendances/{attendance}/steps/ask_leave/", "/requests/{request}/", "/appointments/",
               "/appointments/{appointment}/"],
    "auditor": ["/", "/visits/"],
    "unit": ["/"],
    "admin": ["/"],
}  # fmt: skip
ON_PHONES = ("nobody", "deputy")
NO_PAGE = re.compile(
    "|".join(
        (
            "^admin/",
            r"^\^?api/",
            ".*options/$",
            "^healthz",
            "^readyz",
            "^files/",
            "^jobs/.*/file/$",
            "^exports/",
            "^photos/",
            "^logout/",
            "^act/",
            "^size/",
            "^visits/known/",
            r".*\.pdf$",
            r".*/summary\.",
        )
    )
)


@pytest.fixture
def world(people, today):
    """One of each thing that a page may show."""
    Activity.objects.update(state="OPEN")
    ahead = f.ActivityFactory(
        station=people.own, announced=True, day=today.day.replace(year=today.day.year + 1, day=1)
    )
    f.AttendanceFactory(activity=ahead, mandate=people.deputy.mandate)
    visit = f.VisitFactory(
        activity=today, received_by=people.deputy.mandate, category=people.category, outcome="DISPATCH"
    )
    f.VisitorFactory(visit=visit)
    request = f.RequestFactory(
        visit=visit, station=people.own, number="2026-1103-0042", category=people.category
    )
    group = f.GroupFactory(area=people.town)
    appointment = Appointment(
        station=people.own, mandate=people.deputy.mandate, wish="周六", subject="灯坏了", channel="WEB"
    )
    appointment.ask(by=None, name="田秀兰", phone="13900005521", consent="x")
    appointment.propose(by=people.station, note="", day=today.day + timedelta(days=7), at=time(9))
    draft = f.DraftFactory(area=people.county, stations=[people.own])
    gone = f.MandateFactory(area=people.town, to_on=f.LONG_AGO)
    f.AssignmentFactory(mandate=gone, station=people.own, to_on=f.LONG_AGO)
    f.StationFactory(area=people.town, code="PC0199", name="铁路新村信箱", kind="MAILBOX", parent=people.own)
    day = timezone.localdate() + timedelta(days=4)
    for station, state in ((people.own, "PLANNED"), (people.sibling, "CANCELLED")):
        f.ActivityFactory(station=station, day=day, told_day=day, state=state)
    Notice.objects.put_up(ahead, "FIRST", by=people.station, on=ahead.announce_by, where=["DOOR"])
    called_off = f.ActivityFactory(station=people.own, day=day, told_day=day, cancelled=True)
    return {
        "draft": draft.pk,
        "unready": f.DraftFactory(area=people.county, state="DRAFT", stations=[people.own]).pk,
        "opinion": f.OpinionFactory(draft=draft, station=people.own).number,
        "appointment": appointment.number,
        "secret": appointment.secret,
        "rule": f.RuleFactory(station=people.own).pk,
        "activity": today.pk,
        "activity_ahead": called_off.pk,
        "former": gone.deputy_id,
        "code": QrToken.objects.issue(people.own, by=people.station).pk,
        "attendance": Attendance.objects.get(activity=ahead).pk,
        "deputy": people.deputy.deputy.pk,
        "mandate": people.deputy.mandate.pk,
        "assignment": people.deputy.mandate.assignments.get().pk,
        "group": group.pk,
        "membership": GroupMembership.objects.create(
            group=group, deputy=people.deputy.deputy, from_on=f.LONG_AGO
        ).pk,
        "staff": people.own.staff.get().pk,
        "wall_rule": StationRule.objects.create(
            station=people.own, title="接待制度", text="热情接待。", shown_on=f.LONG_AGO
        ).pk,
        "photo": photo(people),
        "visit": visit.pk,
        "request": request.number,
        "job": Job.objects.ask("later", by=people.station, title="导出来访登记", params={}).pk,
        "done_job": done_job(people),
    }


def done_job(people):
    job = Job.objects.ask("done", by=people.station, title="导出诉求单", params={})
    made = {"file": "jobs/x", "file_name": "诉求单_导出于20261122.xlsx", "sha256": "0" * 64, "size": 2048}
    Job.objects.filter(pk=job.pk).update(
        state="DONE", text="共 12 行。", rows=12, finished_at=job.created_at, **made
    )
    return job.pk


def photo(people):
    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (80, 60), "white").save(picture, "PNG")
    upload = SimpleUploadedFile("门牌.png", picture.getvalue())
    kept = Attachment.objects.keep_photo(people.own, upload, by=people.station)
    return StationPhoto.objects.create(station=people.own, attachment=kept, caption="门牌").pk


def violations(page):
    found = page.evaluate(
        "axe.run({resultTypes: ['violations'], preload: false}).then(done => done.violations)"
    )
    return [(v["id"], [node["html"][:120] for node in v["nodes"][:2]]) for v in found]


# The station's pages are most of all: in three parts, so that they run side by side.
PARTS = [
    (who, part, parts)
    for who, parts in [("station", 3), *((who, 1) for who in PAGES if who != "station")]
    for part in range(parts)
]


@pytest.mark.parametrize(("who", "part", "parts"), PARTS)
def test_axe_finds_nothing_and_nothing_overflows(people, world, open_browser, who, part, parts):
    wrong = []
    screen = PHONE if who in ON_PHONES else DESK
    page = open_browser(getattr(people, who, None), viewport=screen, trace=False)
    for address in PAGES[who][part::parts]:
        page.set_viewport_size({"width": screen["width"], "height": 3000})
        response = page.goto(address.format(**world))
        if response.status != (404 if "missing" in address else 200):
            wrong.append((address, response.status))
            continue
        page.evaluate(Axe().axe_script)
        for size in ("std", "elder"):
            # What the server renders for the cookie of 长者版: this attribute and nothing else.
            page.evaluate("size => { document.documentElement.dataset.size = size }", size)
            page.set_viewport_size({"width": screen["width"], "height": 3000})
            wrong += [(address, size, *violation) for violation in violations(page)]
            for width in (320, 390) if who in ON_PHONES else (1366,):
                page.set_viewport_size({"width": width, "height": 844})
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    wrong.append((address, size, f"{wide} px wide on a screen of {width}"))
    assert not wrong, "\n".join(map(str, wrong))


def test_the_server_renders_the_size_that_was_chosen(people, open_browser):
    page = open_browser(people.deputy, viewport=PHONE)
    page.goto("/")
    page.get_by_role("button", name="长者版").click()
    assert page.evaluate("document.documentElement.dataset.size") == "elder"
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "22.4px"


def routes(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def test_every_page_of_the_product_is_in_the_list():
    listed = [address.split("?")[0].lstrip("/") for addresses in PAGES.values() for address in addresses]

    def is_listed(route):
        shape = re.sub(r"<[^>]+>", "[^/]+", route)
        return any(re.fullmatch(shape, address) for address in listed)

    missing = [
        route
        for route in routes(get_resolver().url_patterns)
        if not NO_PAGE.match(route) and not is_listed(route)
    ]
    assert not missing, f"pages that nobody looks at with axe: {missing}"
