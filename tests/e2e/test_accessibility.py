"""axe finds nothing on any page, in both sizes; nothing overflows on a small phone."""

import re
from datetime import time, timedelta
from io import BytesIO
from itertools import groupby
from math import ceil
from operator import itemgetter
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from deputies.models import ContactLink, ContactRecord, GroupMembership, Leader, QrToken
from liaison.bulletin.models import Bulletin, NewsPhoto
from liaison.core.links import link_hash_of
from liaison.core.models import Attachment, Job
from liaison.reports.models import Report, ScreenLink
from liaison.reports.periods import Period
from stations.models import StationPhoto, StationRule
from suggestions.models import Ballot, FollowUp, Meeting, PaperTemplate, Party, PartyEntry, Theme
from suggestions.projects.models import Votes
from tests import factories as f
from tests.e2e.conftest import DESK, PHONE
from visits.checkin import token_for
from visits.models import Activity, ActivityFile, Appointment, Attendance, Notice, SheetBatch

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

MISSING = "x" * 43  # a secret that opens nothing

# Who looks at which page. Braces are filled from the things below; a page of the product missing here fails the test.
PAGES = {
    "deputy": [
        "/suggestions/",
        "/suggestions/new/",
        "/suggestions/{asked}/",
        "/suggestions/{suggestion}/",
        "/suggestions/{written}/edit/",
        "/suggestions/{written}/steps/invite/",
        "/suggestions/{delivered}/steps/evaluate/",
        "/orders/?queue=all",
        "/orders/{order}/",
        "/activities/here/{token}/",  # the code of the room lives a minute: it comes first
        "/activities/{activity}/present/",
        "/activities/attendances/mine/",
        "/activities/attendances/{present}/steps/arrive/",
        "/",
        "/activities/",
        "/activities/{activity}/",
        "/activities/attendances/{attendance}/steps/ask_leave/",
        "/contacts/",
        "/contacts/{contact}/",
        "/contacts/{contact}/record/",
        "/contacts/{contact}/voter/",
        "/contacts/{contact}/end/",
        "/contacts/records/{contact_record}/void/",
        "/contacts/voters/new/",
        "/deputies/me/",
        "/quotas/",
        "/inbox/",
        "/inbox/settings/",
        "/projects/",
        "/projects/{project}/",
        "/projects/ballots/{ballot}/",
        "/appointments/",
        "/appointments/{appointment}/",
        "/requests/{request}/",
        "/themes/",
        "/themes/{theme}/",
        "/requests/{answered}/",
        "/requests/{answered}/followups/new/",
        "/stations/",
        "/stations/PC01/",
        "/visits/door/",
        "/record/",
        "/record/activity.visitors/",
    ],
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
        "/suggestions/",
        "/suggestions/?q=无此事",
        "/suggestions/{suggestion}/",
        "/appointments/new/",
        "/appointments/new/?station=PC01",
        "/appointments/find/",
        "/screen/{missing_link}/",
        "/appointments/{secret}/",
        "/track/",
        "/track/{own_link}/",
        "/track/{missing_link}/",
        "/projects/",
        "/projects/{project}/",
        "/news/",
        "/news/?q=无此事",
        "/news/{news}/",
        "/bulletins/",
        "/bulletins/{bulletin}/",
    ],
    "station": [
        "/news/",
        "/news/new/",
        "/news/{news_draft}/",
        "/news/{news_draft}/edit/",
        "/news/{news_draft}/photos/",
        "/news/{news}/photos/{news_photo}/withdraw/",
        "/",
        "/inbox/",
        "/password/",
        "/styleguide/",
        "/styleguide/?errors",
        "/figures/",
        "/figures/activity.visitors/",
        "/figures/dictionary/",
        "/board/",
        "/board/?station=PC01",
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
        "/activities/new/?kind=TRAINING",
        "/activities/record/?kind=DEBRIEF",
        "/activities/record/?kind=PUBLICITY",
        "/activities/summary/",
        "/activities/{research}/",
        "/activities/{research}/edit/",
        "/activities/{research}/invite/",
        "/activities/{research}/files/",
        "/activities/{research}/files/{activity_file}/withdraw/",
        "/activities/{research}/steps/close/",
        "/activities/rules/",
        "/activities/rules/new/",
        "/activities/rules/{rule}/",
        "/activities/rules/{rule}/edit/",
        "/activities/rules/{rule}/end/",
        "/activities/sheets/",
        "/activities/sheets/new/",
        "/tasks/",
        "/tasks/documents/new/",
        "/tasks/documents/{document}/",
        "/tasks/documents/{document}/void/",
        "/activities/sheets/batches/{batch}/",
        "/activities/sheets/{sheet}/steps/void/",
        "/activities/{activity}/",
        "/activities/{activity}/edit/",
        "/activities/{activity}/roster/",
        "/activities/{activity}/checkin/",
        "/activities/{activity}/device/",
        "/activities/rota/",
        "/activities/rota/?{span}",
        "/activities/attendances/",
        "/activities/attendances/of/{deputy}/",
        "/activities/attendances/contests/",
        "/activities/attendances/{contested}/steps/keep/",
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
        "/contacts/",
        "/contacts/coverage/",
        "/contacts/{contact}/",
        "/contacts/voters/new/",
        "/visits/",
        "/visits/new/",
        "/visits/find/",
        "/requests/find/",
        "/visits/door/",
        "/visits/{visit}/",
        "/visits/{visit}/photos/",
        "/visits/{visit}/edit/",
        "/visits/{visit}/void/",
        "/requests/",
        "/requests/{request}/",
        "/requests/{request}/steps/decline/",
        "/requests/?todo=tell",
        "/requests/callbacks/",
        "/requests/{answered}/",
        "/requests/{answered}/slip/",
        "/requests/{answered}/steps/rate/",
        "/requests/{answered}/followups/new/",
        "/requests/{answered}/followups/{followup}/void/",
        "/requests/{answered}/followups/{followup}/photos/",
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
        "/reports/",
        "/reports/{report}/",
        "/appointments/",
        "/appointments/enter/",
        "/appointments/{appointment}/",
        "/appointments/{appointment}/steps/propose/",
        "/imports/",
        "/imports/{upload}/",
    ],
    "office": [
        "/",
        "/suggestions/",
        "/suggestions/{suggestion}/",
        "/suggestions/{suggestion}/items/",
        "/suggestions/{suggestion}/parties/",
        "/suggestions/parties/{party}/",
        "/suggestions/{suggestion}/steps/meet/",
        "/suggestions/{accepted}/steps/assign/",
        "/orders/",
        "/orders/{order}/",
        "/orders/{order}/steps/cancel/",
        "/dispatch/",
        "/dispatch/confirm/?row={request}&to-{request}={department}",
        "/requests/{request}/",
        "/requests/{request}/near/",
        "/requests/{request}/steps/dispatch/",
        "/requests/{request}/steps/triage/",
        "/themes/",
        "/themes/found/",
        "/themes/new/?row={request}",
        "/themes/{theme}/",
        "/themes/{theme}/steps/add/?row={request}",
        "/themes/{theme}/steps/take_out/",
        "/themes/{theme}/steps/dispatch/",
        "/contacts/new/",
        "/contacts/coverage/?lack=leaders",
        "/contacts/leaders/",
        "/contacts/leaders/{leader}/end/",
        "/stations/new/",
        "/stations/PC01/staff/",
        "/stations/PC01/staff/{staff}/end/",
        "/deputies/groups/new/",
        "/coverage/",
        "/coverage/mandates/",
        "/tasks/",
        "/tasks/receptions/",
        "/quotas/",
        "/quotas/receptions/?deputy={deputy}",
        "/board/",
        "/board/stations/",
        "/screen/",
        "/screen/links/",
        "/screen/links/{screen}/revoke/",
        "/seals/",
        "/seals/{seal}/",
        "/seals/{seal}/correct/",
        "/schedules/",
        "/schedules/{schedule}/",
        "/superior/",
        "/superior/new/",
        "/superior/{superior}/",
        "/superior/{superior}/cells/0/B3/",
        "/superior/{superior}/guess/",
        "/superior/{superior}/change/",
        "/superior/{superior}/fill/",
        "/deputies/proposals/",
        "/deputies/proposals/new/",
        "/deputies/proposals/{proposal}/",
        "/deputies/proposals/{proposal}/steps/apply/",
        "/deputies/proposals/rows/{proposal_row}/",
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
        "/requests/{answered}/",
        "/requests/{answered}/follower/",
        "/requests/{answered}/about/",
        "/orders/{order}/papers/",
        "/orders/{answer}/",
        "/orders/{answer}/files/{answer_file}/",
        "/papers/",
        "/papers/reply/",
        "/papers/order/withdraw/",
        "/news/?state=SUBMITTED",
        "/news/{news_sent}/",
        "/news/{news_sent}/steps/give_back/",
        "/bulletins/",
        "/bulletins/new/",
        "/bulletins/{bulletin}/",
        "/bulletins/{bulletin_draft}/",
        "/bulletins/{bulletin_draft}/edit/",
        "/bulletins/{bulletin_draft}/compose/",
        "/bulletins/{bulletin_draft}/items/{bulletin_line}/",
        "/bulletins/{bulletin_draft}/steps/issue/",
        "/projects/",
        "/projects/new/",
        "/projects/{candidate}/edit/",
        "/projects/{project}/",
        "/projects/{project}/steps/trio/",
        "/projects/{project}/photos/{progress_photo}/withdraw/",
        "/projects/ballots/new/",
        "/projects/ballots/{ballot}/",
        "/projects/ballots/{ballot}/void/",
        "/requests/{request}/person/",
    ],
    "auditor": ["/", "/visits/"],
    "unit": [
        "/",
        "/record/",
        "/record/requests.replied/",
        "/orders/",
        "/orders/?queue=all",
        "/orders/{order}/",
        "/orders/{order}/steps/accept/",
        "/orders/{order}/steps/ask_return/",
        "/orders/{lead}/",
        "/orders/{lead}/steps/reply/",
        "/orders/{lead}/steps/ask_extension/",
        "/suggestions/",
        "/suggestions/{suggestion}/",
        "/orders/{of_suggestion}/",
        "/themes/",
        "/themes/{theme}/",
        "/themes/{theme}/steps/answer/",
        "/projects/{project}/steps/report/",
        "/projects/{project}/photos/",
    ],
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
            r"^superior/.*\.xlsx$",
            "^seals/.*/(verify|report)/$",
            "^photos/",
            "^published/",
            "^track/.*/files/",
            "^logout/",
            "^act/",
            "^size/",
            "^visits/known/",
            r"^sw\.js",
            r".*\.pdf$",
            r".*\.xlsx$",
            r".*/summary\.",
            "^requests/.*/no-answer/$",
            "^figures/.*/number/$",
            "^board/later/$",
            r".*/papers/<.*\.",
            r"^bulletins/<int:pk>/(paper|file)\.",
            "^news/photos/",
            r".*\.docx$",
        )
    )
)


def answered_request(people):
    """Dispatched, followed, answered, told: everything that a request's page may show."""
    bureau = f.DepartmentFactory(area=people.county, name="平城区住房保障中心", phone="03525550101")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    found = f.RequestFactory(
        station=people.own, number="2026-1103-0043", follower=people.deputy.mandate, seed="s" * 43
    )
    found.link_hash = link_hash_of(found.secret)
    found.save()
    found.dispatch(by=people.office, lead=bureau)
    order = found.orders.get()
    order.accept(by=people.unit)
    FollowUp(
        request=found,
        mandate=people.deputy.mandate,
        kind="VISIT",
        text="在换管子。",
        day=timezone.localdate(),
    ).enter(by=people.deputy)
    order.reply(by=people.unit, text="管网已检修，室温达标。", answer_class="A")
    Attachment.objects._keep(order, b"%PDF-", "a.pdf", "application/pdf", by=people.unit, public=True)
    found.refresh_from_db()
    found.feed_back(by=people.station, how="PHONE")
    return found


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
    link = ContactLink.objects.take_up(
        people.deputy.mandate,
        name="田秀兰",
        phone="13900005521",
        address="火车站社区",
        from_on=f.LONG_AGO,
        by=people.station,
    )
    leader = Leader.objects.create(
        area=people.county, rank="CHAIR", name="赵主任", duty="副主任", from_on=f.LONG_AGO
    )
    group = f.GroupFactory(area=people.town)
    appointment = Appointment(
        station=people.own, mandate=people.deputy.mandate, wish="周六", subject="灯坏了", channel="WEB"
    )
    appointment.ask(by=None, name="田秀兰", phone="13900005521", consent="x")
    appointment.propose(by=people.station, note="", day=today.day + timedelta(days=7), at=time(9))
    closed = f.ActivityFactory(
        station=people.own, closed=True, closed_at=timezone.now(), day=f.LONG_AGO.replace(year=today.day.year)
    )
    contested = f.AttendanceFactory(activity=closed, mandate=people.deputy.mandate, state="ABSENT")
    contested.contest(by=people.deputy, note="当天到会")
    draft = f.DraftFactory(area=people.county, stations=[people.own])
    f.MandateFactory(area=people.town, term__congress__name="无站代表的大会")
    proposal = f.ProposalFactory.build(area=people.county).propose(by=people.office)
    gone = f.MandateFactory(area=people.town, to_on=f.LONG_AGO)
    f.AssignmentFactory(mandate=gone, station=people.own, to_on=f.LONG_AGO)
    f.StationFactory(area=people.town, code="PC0199", name="铁路新村信箱", kind="MAILBOX", parent=people.own)
    day = timezone.localdate() + timedelta(days=4)
    for station, state in ((people.own, "PLANNED"), (people.sibling, "CANCELLED")):
        f.ActivityFactory(station=station, day=day, told_day=day, state=state)
    Notice.objects.put_up(ahead, "FIRST", by=people.station, on=ahead.announce_by, where=["DOOR"])
    called_off = f.ActivityFactory(station=people.own, day=day, told_day=day, cancelled=True)
    bureau = f.DepartmentFactory(area=people.county, name="平城区城管局")
    f.DepartmentStaffFactory(department=bureau, post=people.unit)
    order = f.OrderFactory(request=request, department=bureau)
    handled = f.RequestFactory(station=people.own, state="HANDLING")
    lead = f.OrderFactory(request=handled, department=bureau, state="ACCEPTED", due_on=timezone.localdate())
    f.OrderFactory(
        request=handled,
        department=f.DepartmentFactory(area=people.county),
        share="HELPER",
        state="OPINED",
        text="我局可以配合断水。",
    )
    suggestion, of_suggestion, party = key_suggestion(people, bureau)
    asked = f.SuggestionFactory(
        lead=people.deputy_colleague.mandate, area=people.county, state="COSIGNING", number=""
    )
    f.SignerFactory(suggestion=asked, mandate=people.deputy.mandate, state="ASKED")
    research = f.ActivityFactory(
        station=people.own,
        kind="RESEARCH",
        theme="养老服务调研",
        open=True,
        planned_days="1.5",
        details={"units": "社区食堂\n日间照料中心"},
    )
    PaperTemplate(area=people.county, kind="ORDER").enter(by=people.office)
    batch = SheetBatch(station=people.own, count=2).enter(by=people.station)
    answered = answered_request(people)
    return projects(people, bureau) | {
        "department": bureau.pk,
        "theme": theme(people, bureau).pk,
        "answered": answered.number,
        "answer": answered.orders.get().number,
        "answer_file": Attachment.objects.of(answered.orders.get()).get().key,
        "own_link": answered.secret,
        "missing_link": MISSING,
        "followup": answered.followups.get().pk,
        "contested": contested.pk,
        "token": token_for(today.pk, timezone.now()),
        "present": today.attendances.get(mandate=people.deputy.mandate).pk,
        "span": f"first={timezone.localdate()}&last={timezone.localdate() + timedelta(days=40)}"
        f"&station={people.own.pk}&size=2&mixed=yes",
        "draft": draft.pk,
        "unready": f.DraftFactory(area=people.county, state="DRAFT", stations=[people.own]).pk,
        "opinion": f.OpinionFactory(draft=draft, station=people.own).number,
        "appointment": appointment.number,
        "secret": appointment.secret,
        "proposal": proposal.pk,
        "proposal_row": proposal.rows.changing().first().pk,
        "batch": batch.pk,
        "document": f.StationDocumentFactory(station=people.own).pk,
        "sheet": batch.sheets.first().pk,
        "rule": f.RuleFactory(station=people.own).pk,
        "superior": f.superior_form(people.office, people.county).pk,
        "screen": ScreenLink(name="大厅", area=people.county, by=people.office).enter(by=people.office).pk,
        "activity": today.pk,
        "activity_ahead": called_off.pk,
        "former": gone.deputy_id,
        "code": QrToken.objects.issue(people.own, by=people.station).pk,
        "contact": link.pk,
        "contact_record": ContactRecord.objects.create(link=link, day=f.LONG_AGO, said="想装路灯").pk,
        "leader": leader.pk,
        "research": research.pk,
        "activity_file": shot(people, research),
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
        "order": order.number,
        "suggestion": suggestion.pk,
        "of_suggestion": of_suggestion.number,
        "party": party.pk,
        "asked": asked.pk,
        "written": f.SuggestionFactory(lead=people.deputy.mandate, area=people.county, number="").pk,
        "accepted": f.SuggestionFactory(lead=people.deputy.mandate, area=people.county, state="ACCEPTED").pk,
        "delivered": f.SuggestionFactory(
            lead=people.deputy.mandate, area=people.county, state="DELIVERED"
        ).pk,
        "lead": lead.number,
        "job": Job.objects.ask("later", by=people.station, title="导出来访登记", params={}).pk,
        "done_job": done_job(people),
        "report": Report.objects.ask(
            by=people.station,
            area=people.town,
            period=Period.read("QUARTERLY", "2023Q3"),
            file_format="xlsx",
            masked=False,
            reason="回访全部来访人",
        ).pk,
        "seal": f.seal(people.office, people.county).pk,
        "schedule": f.schedule(people.office, people.county).pk,
        "upload": f.upload(people.station).key,
        **bulletins(people),
    }


def projects(people, bureau):
    """One that was chosen and is under way, of the department of `people.unit`, and one that waits for the vote."""
    chosen = f.ProjectFactory(area=people.county, department=bureau, title="老旧小区供热管网改造")
    today = timezone.localdate()
    numbers = {"entitled": 9, "present": 9, "issued": 9, "returned": 9, "valid": 9, "places": 1}
    ballot = Ballot(area=people.county, year=chosen.year, session="区人代会", day=today, **numbers)
    ballot.declare({chosen: Votes(8, 1, 0)}, by=people.office)
    chosen.start(by=people.unit, day=today)
    chosen.report(by=people.unit, day=today, percent=40, text="管沟开挖过半。")
    taken = Attachment.objects.keep_photo(chosen.progress.get(), picture(), by=people.unit)
    waiting = f.ProjectFactory(area=people.county, department=bureau, title="口袋公园")
    return {
        "project": chosen.pk,
        "candidate": waiting.pk,
        "ballot": ballot.pk,
        "progress_photo": taken.key,
    }


def bulletins(people):
    """News of one's own station, written, submitted and published with a photo; a bulletin issued, and one that is not."""
    of = {"station": people.own, "written_by": people.station}
    written, sent = f.NewsItemFactory(**of), f.NewsItemFactory(state="SUBMITTED", **of)
    news, other = f.NewsItemFactory(published=True, **of), f.NewsItemFactory(published=True, **of)
    shown = NewsPhoto.objects.create(
        item=news,
        caption="接待现场",
        people="ON_DUTY",
        attachment=Attachment.objects.keep_photo(news, picture(), by=people.station),
    )
    issued = Bulletin(area=people.county, issuer="区人大代表工委").start(by=people.office, news=[news])
    issued.issue(by=people.office, issued_on=timezone.localdate())
    draft = Bulletin(area=people.county, issuer="区人大代表工委").start(by=people.office, news=[other])
    return {
        "news": news.pk,
        "news_draft": written.pk,
        "news_sent": sent.pk,
        "news_photo": shown.pk,
        "bulletin": issued.pk,
        "bulletin_draft": draft.pk,
        "bulletin_line": draft.items.get().pk,
    }


def key_suggestion(people, bureau):
    """One that a department handles, with all that its page may show."""
    found = f.SuggestionFactory(
        lead=people.deputy.mandate,
        cosigners=[people.deputy_colleague.mandate],
        area=people.county,
        state="HANDLING",
        objection="应由水务局办理",
        key_on=f.LONG_AGO,
        key_by="主任会议",
        published_on=f.LONG_AGO,
        public_title="改造管网",
        public_text="更换老旧管网。",
    )
    order = f.OrderFactory(suggestion=found, department=bureau, state="ACCEPTED")
    party = Party.objects.create(suggestion=found, part="HANDLE", name="平城区住建局", department=bureau)
    PartyEntry.objects.create(party=party, on=f.LONG_AGO, text="完成摸底", by=people.office)
    Meeting.objects.create(
        suggestion=found,
        round=1,
        department=bureau,
        on=f.LONG_AGO,
        way="FACE",
        said="谈了工期",
        by=people.unit,
    )
    return found, order, party


def theme(people, bureau):
    """Four that say the same: one answered, one at the department, one waiting; and three more that nobody put together."""
    said = {"station": people.own, "category": people.category, "follower": people.deputy.mandate}
    rows = [f.RequestFactory(**said) for _ in range(6)]
    found = Theme.objects.put_together(by=people.office, title="暖气不热", category=None, requests=rows[:3])
    for row in rows[:2]:
        row.dispatch(by=people.office, lead=bureau)
    order = rows[0].orders.get()
    order.accept(by=people.unit)
    order.reply(by=people.unit, text="管网已检修，室温达到十八度。", answer_class="A")
    return found


def done_job(people):
    job = Job.objects.ask("done", by=people.station, title="导出诉求单", params={})
    made = {"file": "jobs/x", "file_name": "诉求单_导出于20261122.xlsx", "sha256": "0" * 64, "size": 2048}
    Job.objects.filter(pk=job.pk).update(
        state="DONE", text="共 12 行。", rows=12, finished_at=job.created_at, **made
    )
    return job.pk


def picture():
    from PIL import Image

    drawn = BytesIO()
    Image.new("RGB", (80, 60), "white").save(drawn, "PNG")
    return SimpleUploadedFile("门牌.png", drawn.getvalue())


def shot(people, activity):
    return ActivityFile.objects.show(activity, picture(), caption="座谈", by=people.station).pk


def photo(people):
    kept = Attachment.objects.keep_photo(people.own, picture(), by=people.station)
    return StationPhoto.objects.create(station=people.own, attachment=kept, caption="门牌").pk


LOOK_OVER = Axe().axe_script + Path(__file__).with_name("look_over.js").read_text()
readable: list[str] = []  # colours that axe found readable once

# In parts that run side by side; each in order, for some pages need the one before.
LOOKS = [(who, address) for who, addresses in PAGES.items() for address in addresses]
PARTS = 3  # as many as there are workers on two cores
PART = ceil(len(LOOKS) / PARTS)


@pytest.mark.parametrize("start", range(0, len(LOOKS), PART))
def test_axe_finds_nothing_and_nothing_overflows(people, world, open_browser, start):
    wrong = []
    for who, looks in groupby(LOOKS[start : start + PART], key=itemgetter(0)):
        # A phone as high as its page: the bar at the foot would stand over whatever one has not scrolled to yet.
        screen = PHONE | {"height": 4000} if who in ON_PHONES else DESK
        page = open_browser(getattr(people, who, None), viewport=screen)
        page.add_init_script(LOOK_OVER)
        for _, address in looks:
            wrong += [(who, address, *what) for what in wrong_with(page, address.format(**world), screen)]
        page.close()
    assert not wrong, "\n".join(map(str, wrong))


def wrong_with(page, address, screen):
    """What axe finds, and what is wider than the screen, in both sizes."""
    if page.viewport_size != screen:
        page.set_viewport_size(screen)
    response = page.goto(address)
    if response.status != (404 if "missing" in address or MISSING in address else 200):
        return [(response.status,)]
    phone = screen["width"] == PHONE["width"]
    seen = page.evaluate("lookOver", readable)
    if phone and seen["high"] > screen["height"]:
        page.set_viewport_size(screen | {"height": seen["high"]})
        seen = page.evaluate("lookOver", readable)
    readable[:] = seen["readable"]
    wrong = seen["violations"] + too_wide(seen["widths"], screen)
    if phone:
        narrow = screen | {"width": 320}
        page.set_viewport_size(narrow)
        wrong += too_wide(page.evaluate("widths"), narrow)
    return wrong


def too_wide(widths, screen):
    return [
        (size, f"{wide} px wide on a screen of {screen['width']}")
        for size, wide in widths
        if wide > screen["width"]
    ]


def test_a_button_with_a_long_name_keeps_to_a_narrow_screen_in_large_letters(people, open_browser):
    page = open_browser(people.office, viewport=PHONE | {"width": 320})
    page.goto("/coverage/")
    page.evaluate("document.documentElement.dataset.size = 'elder'")
    button = page.get_by_role("link", name="提出编组方案").bounding_box()
    assert button["x"] + button["width"] <= 320


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
