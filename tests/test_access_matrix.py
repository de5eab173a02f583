"""Who may open what: every route × every role × own, child, sibling and other place.

Three tables say it all: what can be *seen* (SEES), who may *enter* (the doors), and what each route answers (ROUTES). A
route that stands in no table fails, so whoever adds a page says here who may open it.

    a stranger            is sent to sign in; by REST 401
    a method it knows not 405
    outside the door      403
    out of sight          404, as if it were not there
    otherwise             what the table says
"""

from dataclasses import dataclass, field
from itertools import cycle, product
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from deputies.models import (
    AssignmentProposal,
    ContactLink,
    ContactRecord,
    Deputy,
    DeputyGroup,
    Leader,
    Level,
    Mandate,
    ProposalRow,
    QrToken,
    StationAssignment,
)
from liaison.accounts.models import Area
from liaison.bulletin.models import Bulletin, BulletinItem, NewsItem, NewsPhoto
from liaison.core.models import Attachment, Job
from liaison.exchange.models import Upload
from liaison.reports.models import Report, ReportSchedule, ScreenLink, Seal, StationDocument, SuperiorForm
from liaison.reports.periods import Period
from stations.models import Station, StationPhoto, StationRule
from suggestions.models import (
    Ballot,
    Department,
    Document,
    Draft,
    FollowUp,
    Opinion,
    Order,
    Party,
    Project,
    Rating,
    Request,
    Suggestion,
    Theme,
)
from tests import factories as f
from tests.conftest import build_people, session_of
from visits.models import (
    Activity,
    ActivityFile,
    Appointment,
    Attendance,
    Notice,
    ReceptionRule,
    Sheet,
    SheetBatch,
    Visit,
)

pytestmark = pytest.mark.django_db

ANYONE = (
    "stranger office office_city office_other station station_child station_sibling station_other deputy deputy_colleague "
    "deputy_other unit auditor auditor_other admin"
).split()
RELATIONS = "own child sibling other".split()

# --- Doors: which kinds of post may enter a view at all --------------------------------------------------------------

KINDS = {
    "office": "office office_city office_other",
    "station": "station station_child station_sibling station_other",
    "deputy": "deputy deputy_colleague deputy_other",
    "unit": "unit",
    "auditor": "auditor auditor_other",
    "admin": "admin",
}


def door(kinds: str) -> frozenset[str]:
    return frozenset(who for kind in kinds.split() for who in KINDS[kind].split())


EVERYBODY = door("office station deputy unit auditor admin")
READERS = door("office station deputy auditor admin")
CASE_READERS = door("office station deputy auditor")
ORDER_READERS = door("office station deputy auditor unit")
ASKERS = door("office station auditor")
DESK = door("office station")
REGISTRARS = door("office admin")
KEEPERS = door("office admin station")
VOTERS = door("office deputy auditor")

# --- What a post sees of the things of a place ------------------------------------------------------------------------
# own: 南关街道联络站. child: its 联络点. sibling: 北关街道, same county. other: 西坪镇, another county.

_OFFICES = "office office_city auditor"
_PLACE = {
    "own": f"{_OFFICES} admin station deputy deputy_colleague",
    "child": f"{_OFFICES} admin station station_child",
    "sibling": f"{_OFFICES} admin station_sibling",
    "other": "office_city office_other auditor_other station_other deputy_other",
}
_DAY = {relation: who.replace(" admin", "") for relation, who in _PLACE.items()}
_CASE = _DAY | {"own": _DAY["own"].replace(" deputy_colleague", "")}  # a deputy: what one received oneself
_AREA = {
    "own": f"{_OFFICES} admin unit station station_child deputy deputy_colleague",
    "child": f"{_OFFICES} admin unit station station_child deputy deputy_colleague",
    "sibling": f"{_OFFICES} admin unit station_sibling",
    "other": "office_city office_other auditor_other station_other deputy_other",
}
_DRAFT = _DAY | {
    "child": f"{_DAY['child']} deputy deputy_colleague"
}  # a point below: its station's deputies hear of it
_JOB = {"own": "station", "child": "station_child", "sibling": "station_sibling", "other": "station_other"}
_GROUP = {relation: who.replace(" unit", "") for relation, who in _AREA.items()}
_AREA_OFFICE = dict.fromkeys("own child sibling".split(), _OFFICES) | {
    "other": "office_city office_other auditor_other"
}
_KEPT = {
    relation: who.replace(" deputy_colleague", "").replace(" deputy_other", "").replace(" deputy", "")
    for relation, who in _DAY.items()
}
_CONGRESS = {
    relation: " ".join(w for w in who.split() if not w.startswith(("station", "unit", "admin")))
    for relation, who in _AREA.items()
}
_OPEN = dict.fromkeys(RELATIONS, " ".join(ANYONE))
SEES = {
    "project": _CONGRESS, "ballot": _CONGRESS, "news": _DAY, "bulletin": _AREA_OFFICE,
    "public_photo": _OPEN, "issued": _OPEN,
    "proposal": _AREA_OFFICE, "proposal_row": _AREA_OFFICE,
    "batch": _KEPT, "sheet": _KEPT, "document": _KEPT,
    "station": _PLACE, "deputy": _PLACE, "mandate": _PLACE, "assignment": _PLACE, "group": _GROUP,
    "draft": _DRAFT, "opinion": _CASE, "theme": _CASE, "suggestion": _CASE,
    "served": _CASE, "scanned": _OPEN,
    "job": _JOB, "report": _JOB, "seal": _AREA_OFFICE, "schedule": _AREA_OFFICE,
    "code": {relation: " ".join(w for w in who.split() if w in DESK) for relation, who in _PLACE.items()},
    "answer_file": _OPEN, "answer_kept": _CASE,
    "public_file": _OPEN, "public_code": _OPEN,
    "notice": _DAY,
    "contact": _CASE, "contact_record": _CASE, "leader": _AREA_OFFICE,
    "followup": _CASE, "rating": _CASE,
    "activity": _DAY, "rule": _DAY, "attendance": _CASE, "appointment": _CASE, "visit": _CASE, "request": _CASE, "area": _AREA,
    "upload": _JOB,
    "screen": {relation: who.replace(" auditor_other", "").replace(" auditor", "") for relation, who in _AREA_OFFICE.items()},
    "superior": {relation: f"{who} {_JOB[relation]}" for relation, who in _AREA_OFFICE.items()},
    "department": _AREA, "order": _CASE | {"own": f"{_CASE['own']} unit"},
}  # fmt: skip
# What belongs to a thing is seen by whoever sees that.
BELONGS = {
    "photo": "station", "file": "station", "staff": "station", "wall_rule": "station", "membership": "group", "activity_file": "activity",
    "party": "suggestion", "project_photo": "project", "news_photo": "news", "bulletin_item": "bulletin",
}  # fmt: skip
SEES |= {thing: SEES[owner] for thing, owner in BELONGS.items()}


# --- The routes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    name: str
    enter: frozenset[str]
    get: int | None = None
    post: int | None = None
    of: str = ""  # the thing that the address names
    stranger: Any = 302
    sight_first: bool = False  # REST looks for the thing before it asks for the role
    but: dict[str, Any] = field(default_factory=dict)  # "who" or "who relation" → status, or (GET, POST)
    query: str = ""

    def expected(self, who: str, relation: str, method: str) -> int:
        if who == "stranger":
            return _of(self.stranger, method)
        known = _of(self.but.get(f"{who} {relation}", self.but.get(who, (self.get, self.post))), method)
        seen = not self.of or who in SEES[self.of][relation].split()
        if self.sight_first and (known == 405 or not seen):
            return 405 if known == 405 else 404
        if who not in self.enter:
            return 403
        return known if seen or known == 405 else 404


def _of(status: Any, method: str) -> int:
    return status if isinstance(status, int) else status[method == "post"]


def rest(name, enter=EVERYBODY, get=200, post=405, **kwargs):
    return Route(f"api:{name}", enter, get, post, stranger=kwargs.pop("stranger", 401), **kwargs)


PAGES = [
    # name                      who may enter    GET   POST empty
    Route("dashboards:home", EVERYBODY, 200, stranger=200),
    Route("accounts:login", EVERYBODY, 302, 302, stranger=(200, 422)),
    Route("accounts:logout", EVERYBODY, 405, 302),
    Route("accounts:password", EVERYBODY, 200, 422),
    Route("accounts:act", EVERYBODY, 405, 302),
    Route("core:alive", EVERYBODY, 200, stranger=200),
    Route("core:ready", EVERYBODY, 200, stranger=200),
    Route("core:worker", EVERYBODY, 200, stranger=200),
    Route("core:size", EVERYBODY, 405, 302, stranger=(405, 302)),
    Route("core:file", EVERYBODY, 200, 405, of="file"),
    Route("core:inbox", EVERYBODY, 200, 302),
    Route("core:notice_choice", EVERYBODY, 200, 422),
    Route("core:jobs", EVERYBODY, 200),
    Route("core:job", EVERYBODY, 200, of="job"),
    Route("core:job_file", EVERYBODY, 409, 405, of="job"),  # a file of its own: tests/core/test_jobs.py
    Route("core:job_step", EVERYBODY, 200, 302, of="job"),
    Route("core:styleguide", EVERYBODY, 200),
    # What anybody may open: the public pages, and the public view of what has one (own, with an account, see below)
    Route("portal:notices", EVERYBODY, 200, stranger=(200, 405)),
    Route("portal:photo", EVERYBODY, 200, 405, of="public_file", stranger=(200, 405)),
    Route("portal:answer_file", EVERYBODY, 200, 405, of="answer_file", stranger=(200, 405)),
    Route("portal:door", EVERYBODY, 302, 405, of="public_code", stranger=(302, 405)),
    Route("portal:accessibility", EVERYBODY, 200, stranger=200),
    Route("portal:privacy", EVERYBODY, 200, stranger=200),
    # Stations and their files
    Route("stations:list", READERS, 200, stranger=(200, 405)),
    Route("stations:new", REGISTRARS, 200, 422),
    Route("stations:options", KEEPERS, 404),  # without a question; with one: tests/stations
    Route("stations:detail", READERS, 200, of="station", stranger=(200, 405)),
    Route("stations:edit", KEEPERS, 200, 422, of="station"),
    Route("stations:photos", KEEPERS, 200, 422, of="station"),
    Route("stations:withdraw", KEEPERS, 200, 302, of="photo"),
    Route("stations:staff", REGISTRARS, 200, 422, of="station"),
    Route("stations:end_staff", REGISTRARS, 200, 422, of="staff"),
    Route("stations:rules", KEEPERS, 200, 422, of="station"),
    Route("stations:edit_rule", KEEPERS, 200, 422, of="wall_rule"),
    # Deputies, mandates, assignments, groups
    Route("deputies:list", READERS, 200, stranger=(200, 405)),
    Route("deputies:options", READERS, 404),  # likewise
    Route("deputies:me", door("deputy"), 200, 422),
    Route("deputies:new", REGISTRARS, 200, 422),
    Route("deputies:detail", READERS, 200, of="deputy", stranger=(200, 405)),
    Route("deputies:edit", REGISTRARS, 200, 422, of="deputy"),
    Route("deputies:new_mandate", REGISTRARS, 200, 422, of="deputy"),
    Route("deputies:end_mandate", REGISTRARS, 200, 422, of="mandate"),
    Route("deputies:assign", door("office"), 200, 422, of="mandate"),
    Route("deputies:end_assignment", door("office"), 200, 422, of="assignment"),
    Route("deputies:groups", READERS, 200),
    Route("deputies:new_group", REGISTRARS, 200, 422),
    Route("deputies:group", READERS, 200, 403, of="group", but=dict.fromkeys(REGISTRARS, (200, 422))),
    Route("deputies:edit_group", REGISTRARS, 200, 422, of="group"),
    Route("deputies:end_membership", REGISTRARS, 200, 422, of="membership"),
    Route("deputies:proposals", door("office auditor"), 200),
    Route("deputies:new_proposal", door("office"), 200, 422),
    Route("deputies:proposal", door("office auditor"), 200, of="proposal"),
    Route("deputies:proposal_row", door("office"), 200, 422, of="proposal_row"),
    Route("deputies:proposal_step", door("office"), 200, 302, of="proposal"),
    # QR codes
    Route("deputies:station_codes", DESK, 200, 409, of="station"),
    Route("deputies:deputy_codes", DESK, 200, 302, of="deputy"),
    Route("deputies:plate", DESK, 200, of="station"),
    Route("deputies:table_signs", DESK, 200, of="station"),
    Route("deputies:code_step", DESK, 200, 422, of="code"),
    # Contact links. The voters of a deputy are the station's to keep, not the office's.
    Route("contacts:list", CASE_READERS, 200),
    Route("contacts:new_voter", door("office station deputy"), 200, 422),
    Route("contacts:new", door("office"), 200, 422),
    Route("contacts:coverage", ASKERS, 200),
    Route("contacts:leaders", door("office"), 200, 422),
    Route("contacts:end_leader", door("office"), 200, 422, of="leader"),
    Route("contacts:detail", CASE_READERS, 200, of="contact"),
    *(
        Route(
            f"contacts:{name}",
            door("office station deputy"),
            200,
            422,
            of="contact_record" if name == "void" else "contact",
            but=dict.fromkeys(door("office"), 403),
        )
        for name in ("record", "voter", "end", "void")
    ),
    # Days, rosters, rules
    Route("visits:calendar", CASE_READERS, 200),
    Route("visits:new", DESK, 200, 422),
    Route("visits:record", door("station"), 200, 422),
    Route("visits:summary", CASE_READERS, 200),
    Route("visits:rota", CASE_READERS, 200, of="station", query="station"),
    Route("visits:notices", ASKERS, 200),
    Route("visits:issue_codes", DESK, 200, 302),
    Route("visits:posters", DESK, 200, of="station", query="station"),
    Route("visits:month_sheet", DESK, 200, of="station", query="station"),
    Route("visits:rules", ASKERS, 200),
    Route("visits:rule_new", DESK, 200, 422),
    Route("visits:rule", ASKERS, 200, of="rule"),
    Route("visits:rule_edit", DESK, 200, 422, of="rule"),
    Route("visits:rule_end", DESK, 200, 422, of="rule"),
    Route(
        "visits:attendance_step",
        door("office station deputy"),
        200,
        302,
        of="attendance",
        but=dict.fromkeys(door("office"), 403),
    ),
    Route("visits:proposal", DESK, 200, 200),  # nothing asked for
    Route("visits:attendance_records", ASKERS, 200),
    Route("visits:my_record", door("deputy"), 200),
    Route("visits:attendance_record", ASKERS, 200, of="served"),
    Route("visits:contests", DESK, 200),
    Route("visits:scan", EVERYBODY, 409, 405, of="scanned", stranger=(409, 405)),  # no code that ever was
    Route("visits:checkin", door("station"), 200, of="activity"),
    Route("visits:device", door("station"), 200, 422, of="activity"),
    Route("visits:present", door("deputy"), 409, 409, of="scanned"),  # nothing was scanned
    Route("visits:detail", CASE_READERS, 200, of="activity"),
    Route("visits:edit", DESK, 200, 302, of="activity"),
    Route("visits:step", DESK, 200, 422, of="activity"),
    Route("visits:roster", DESK, 200, 422, of="activity"),
    Route("visits:invite", DESK, 200, 422, of="activity"),
    Route("visits:files", DESK, 200, 422, of="activity"),
    Route("visits:withdraw", DESK, 200, 302, of="activity_file"),
    Route("visits:sheets", ASKERS, 200),
    Route("visits:sheet_new", door("station"), 200, 422),
    Route("visits:sheet_batch", ASKERS, 200, of="batch"),
    Route("visits:sheet_blank", door("station"), 200, of="batch"),
    Route("visits:sheet_step", door("station"), 200, 422, of="sheet"),
    Route("visits:register", ASKERS, 200, of="activity"),
    # Appointments
    Route(
        "appointments:new", EVERYBODY, 200, 200, stranger=200
    ),  # no station asked for; with one: tests/visits
    Route("appointments:find", EVERYBODY, 200, 422, stranger=(200, 422)),
    Route("appointments:asked", EVERYBODY, 404, 404, stranger=404),  # with a wrong secret
    Route("appointments:list", CASE_READERS, 200),
    Route("appointments:enter", door("station"), 200, 422),
    Route("appointments:detail", CASE_READERS, 200, of="appointment"),
    Route("appointments:step", door("station deputy"), 200, 422, of="appointment"),
    # Visits and requests
    Route("suggestions:log", door("station"), 200, 422, of="activity"),
    Route("suggestions:known", door("station"), 405, 200),
    Route("suggestions:find", door("station"), 200, 422),
    Route("suggestions:visits", CASE_READERS, 200),
    Route("suggestions:visit_new", door("station"), 200, 422),
    Route("suggestions:door", door("station deputy"), 200, 422),
    Route("suggestions:visit_photos", door("station deputy"), 200, 422, of="visit"),
    Route("suggestions:visit", CASE_READERS, 200, of="visit"),
    Route("suggestions:visit_edit", door("station"), 200, 422, of="visit"),
    Route("suggestions:visit_void", door("station"), 200, 422, of="visit"),
    Route("suggestions:requests", CASE_READERS, 200),
    Route("suggestions:request_find", CASE_READERS, 200, 422),
    Route("suggestions:request", CASE_READERS, 200, of="request"),
    Route("suggestions:request_near", door("office"), 200, of="request"),
    # Suggestions of deputies
    Route("suggestions:suggestions", door("office auditor deputy unit station"), 200, stranger=(200, 405)),
    Route("suggestions:suggestion_new", door("office deputy"), 200, 422),
    Route("suggestions:suggestion_options", door("office auditor deputy unit station"), 404),
    Route(
        "suggestions:suggestion",
        door("office auditor deputy unit station"),
        200,
        of="suggestion",
        stranger=(200, 405),
    ),
    Route(
        "suggestions:suggestion_edit",
        door("office deputy"),
        409,
        409,
        of="suggestion",
        but=dict.fromkeys(door("office"), 403),  # what came on paper: tests/suggestions
    ),
    Route("suggestions:suggestion_items", door("office"), 409, 409, of="suggestion"),
    Route("suggestions:suggestion_parties", door("office"), 200, 422, of="suggestion"),
    Route("suggestions:suggestion_entry", door("office unit"), 200, 422, of="party"),
    Route(
        "suggestions:suggestion_step",
        door("office auditor deputy unit station"),
        403,
        403,
        of="suggestion",
        but=dict.fromkeys(door("office"), (200, 422)),
    ),
    Route("orders:list", ORDER_READERS, 200),
    Route("orders:options", ORDER_READERS, 404),
    Route("orders:detail", ORDER_READERS, 200, of="order"),
    Route("orders:file", door("office unit"), 200, 302, of="answer_kept"),
    Route(
        "orders:step",
        door("office station deputy unit"),
        200,
        302,
        of="order",
        but={"unit": 403},
    ),
    Route(  # to dispatch, without a department
        "suggestions:request_step", DESK, 200, 409, of="request", but=dict.fromkeys(door("station"), 403)
    ),
    Route("dispatch:list", door("office"), 200),
    Route("dispatch:confirm", door("office"), 302, 422),  # nothing chosen
    # Themes
    Route("themes:list", CASE_READERS | door("unit"), 200),
    Route("themes:found", door("office"), 200),
    Route("themes:new", door("office"), 200, 422),
    Route("themes:detail", CASE_READERS | door("unit"), 200, of="theme"),
    Route("themes:step", door("office unit"), 200, 422, of="theme", but=dict.fromkeys(door("unit"), 403)),
    # After the dispatch: nothing can be followed or told yet of the requests here (tests/suggestions)
    Route("suggestions:callbacks", door("station"), 200),
    Route("suggestions:no_answer", door("station"), 405, 409, of="request"),
    Route("suggestions:slip", door("station"), 200, of="request"),
    Route("suggestions:followup_new", door("station deputy"), 409, 409, of="request"),
    Route("suggestions:followup_void", door("station deputy"), 200, 422, of="followup"),
    Route("suggestions:followup_photos", door("station deputy"), 200, 422, of="followup"),
    Route("suggestions:follower", door("office"), 200, 302, of="request"),
    Route("track:find", EVERYBODY, 200, 422, stranger=(200, 422)),
    Route("track:request", EVERYBODY, 404, 404, stranger=404),  # with a wrong secret
    Route("track:file", EVERYBODY, 404, 405, stranger=(404, 405)),  # likewise
    # Papers of an order, and their templates
    Route("suggestions:papers", door("office station deputy unit auditor"), 200, 404, of="order"),
    Route("suggestions:paper", door("office station deputy unit auditor"), 200, 200, of="order"),
    Route("suggestions:paper_templates", door("office"), 200),
    Route("suggestions:paper_template", door("office"), 200, 422),
    Route(
        "suggestions:paper_template_withdraw", door("office"), 404, 404
    ),  # without one: nothing to withdraw
    Route("suggestions:paper_template_file", door("office"), 200),
    Route("suggestions:about", door("station office"), 200, 302, of="request"),
    Route("suggestions:request_person", door("office unit"), 200, 422, of="request"),
    # Livelihood projects. A department's own: tests/suggestions/test_projects.py
    Route("projects:list", VOTERS | door("unit"), 200, stranger=(200, 405)),
    Route("projects:new", door("office"), 200, 422),
    Route("projects:detail", VOTERS | door("unit"), 200, of="project", stranger=(404, 405)),  # not chosen yet
    Route("projects:edit", door("office"), 200, 422, of="project"),
    Route(
        "projects:step",
        door("office unit deputy"),
        200,
        422,
        of="project",
        but=dict.fromkeys(door("deputy"), 403),
    ),
    Route("projects:photos", door("office unit"), 200, 422, of="project"),
    Route("projects:withdraw", door("office unit"), 200, 302, of="project_photo"),
    Route(
        "projects:new_ballot", door("office"), 409, 409
    ),  # no candidates of the county; with some: likewise
    Route("projects:ballot", VOTERS, 200, of="ballot"),
    Route("projects:sheet", VOTERS, 200, of="ballot"),
    Route("projects:void", door("office"), 200, 422, of="ballot"),
    # News and bulletins. The things here: an item that was published, a bulletin of the county that is a draft
    Route("portal:news_photo", EVERYBODY, 200, 405, of="public_photo", stranger=(200, 405)),
    Route("portal:bulletin_file", EVERYBODY, 200, 405, of="issued", stranger=(200, 405)),
    Route("news:list", CASE_READERS, 200, stranger=(200, 405)),
    Route("news:new", door("station"), 200, 422),
    Route("news:detail", CASE_READERS, 200, of="news", stranger=(200, 405)),
    Route("news:edit", DESK, 409, 409, of="news"),
    Route("news:photos", DESK, 200, 422, of="news"),
    Route("news:withdraw", DESK, 200, 302, of="news_photo"),
    Route("news:step", DESK, 200, 422, of="news", but=dict.fromkeys(door("station"), 403)),
    Route("bulletins:list", CASE_READERS, 200, stranger=(200, 405)),
    Route("bulletins:new", door("office"), 200, 422),
    Route("bulletins:detail", CASE_READERS, 200, of="bulletin", stranger=(404, 405)),  # not issued
    Route("bulletins:edit", door("office"), 200, 422, of="bulletin", but={"office_city": 403}),
    Route("bulletins:compose", door("office"), 200, 422, of="bulletin_item", but={"office_city": 403}),
    Route("bulletins:line", door("office"), 200, 422, of="bulletin_item", but={"office_city": 403}),
    Route("bulletins:paper", CASE_READERS, 200, of="bulletin"),
    Route("bulletins:step", door("office"), 200, 302, of="bulletin", but={"office_city": 409}),
    # Opinions on drafts
    Route("suggestions:drafts", CASE_READERS, 200),
    Route("suggestions:draft_new", door("office"), 200, 422),
    Route("suggestions:draft", CASE_READERS, 200, of="draft"),
    Route(
        "suggestions:draft_edit",
        door("office"),
        409,
        409,
        of="draft",
        but={"office_city": 403},
    ),
    Route("suggestions:draft_step", door("office"), 200, 302, of="draft", but={"office_city": 409}),
    Route("suggestions:draft_summary", door("office auditor"), 200, of="draft"),
    Route("suggestions:opinions", CASE_READERS, 200, of="draft"),
    Route("suggestions:opinion_new", door("station deputy"), 200, 422, of="draft"),
    Route("suggestions:opinion", CASE_READERS, 200, of="opinion"),
    Route("suggestions:opinion_edit", door("station deputy"), 200, 422, of="opinion"),
    Route("suggestions:opinion_void", door("station"), 200, 422, of="opinion"),
    Route("suggestions:opinion_decide", door("office"), 200, 422, of="opinion", but={"office_city": 403}),
    # Workbooks
    Route(
        "exchange:export", READERS | door("unit"), 405, 302, but={"unit": (405, 403)}
    ),  # of stations; the other lists: tests/exchange/test_exports.py
    # Import
    Route("imports:start", KEEPERS, 200, 422),
    Route("imports:template", KEEPERS, 200, stranger=302),
    Route("imports:check", KEEPERS, 200, 422, of="upload"),
    Route("imports:rejected", KEEPERS, 200, of="upload"),
    # Figures
    Route("reports:figures", ASKERS, 200, of="area", query="area"),
    Route("reports:dictionary", EVERYBODY, 200),
    Route("reports:records", ASKERS, 200, of="area", query="area"),
    Route("reports:number", ASKERS, 302, of="area", query="area"),
    Route("boards:board", ASKERS, 200, of="area", query="area"),
    Route("boards:stations", ASKERS, 200, of="area", query="area"),
    Route("boards:later", ASKERS, 302, of="area", query="area"),
    Route("issued:list", ASKERS, 200, 422),
    Route("issued:report", ASKERS, 200, of="report"),
    Route("seals:list", door("office auditor"), 200, 422, but=dict.fromkeys(door("auditor"), 200)),
    Route("seals:seal", door("office auditor"), 200, of="seal"),
    Route("seals:verify", door("office auditor"), 405, 302, of="seal"),
    Route("seals:report", door("office auditor"), 405, 409, of="seal"),  # without a format
    Route("seals:correct", door("office"), 409, 409, of="seal"),  # another area's
    Route("schedules:list", door("office auditor"), 200, 422, but=dict.fromkeys(door("auditor"), 200)),
    Route(
        "schedules:schedule",
        door("office auditor"),
        200,
        422,
        of="schedule",
        but=dict.fromkeys(door("auditor"), 200),
    ),
    Route("own:board", door("deputy unit"), 200),
    Route(
        "own:records", door("deputy unit"), 404
    ),  # of no figure; with one: tests/reports/test_own_figures.py
    Route("screen:own", door("office auditor"), 200),
    Route("screen:links", door("office"), 200, 422),
    Route("screen:revoke", door("office"), 200, 302, of="screen"),
    Route("screen:by_link", EVERYBODY, 404, 405, stranger=(404, 405)),  # with a wrong secret
    Route("superior:list", ASKERS, 200),
    Route("superior:new", DESK, 200, 422),
    Route("superior:form", ASKERS, 200, of="superior"),
    Route("superior:cell", DESK, 200, 422, of="superior"),
    Route("superior:guess", DESK, 200, 302, of="superior"),
    Route("superior:change", DESK, 200, 422, of="superior"),
    Route("superior:fill", ASKERS, 200, 422, of="superior"),
    Route("superior:blank", ASKERS, 200, of="superior"),
    Route("coverage:board", door("office auditor"), 200, of="area", query="area"),
    Route("coverage:records", door("office auditor"), 200, of="area", query="area"),
    Route("tasks:board", ASKERS, 200, of="area", query="area"),
    Route("tasks:records", ASKERS, 200, of="area", query="area"),
    Route("tasks:new_document", door("station"), 200, 422),
    Route("tasks:document", ASKERS, 200, of="document"),
    Route("tasks:void", door("station"), 200, 422, of="document"),
    Route("quotas:board", CASE_READERS, 200),
    Route("quotas:records", CASE_READERS, 200, of="deputy", query="deputy", but={"deputy_colleague": 404}),
]
REST = [
    rest("area-list"),
    rest("area-detail", of="area"),
    rest("station-list"),
    rest("station-detail", of="station"),
    rest("deputy-list"),
    rest("deputy-detail", of="deputy"),
    rest("mandate-list"),
    rest("mandate-detail", of="mandate"),
    rest("assignment-list"),
    rest("assignment-detail", of="assignment"),
    rest("proposal-list", post=403, but=dict.fromkeys(door("office"), (200, 400))),
    rest("proposal-detail", of="proposal"),
    rest("proposal-step", door("office"), get=405, post=200, of="proposal", sight_first=True),
    rest("proposal-row-list", of="proposal"),
    rest("contact-link-list"),
    rest("contact-link-detail", of="contact"),
    rest("contact-record-list", post=403, but=dict.fromkeys(door("office station deputy"), (200, 400))),
    rest("contact-record-detail", of="contact_record"),
    rest("activity-list", post=403, but=dict.fromkeys(DESK, (200, 400))),
    rest("activity-detail", of="activity"),
    rest("code-list"),
    rest("code-detail", of="code"),
    rest("code-step", DESK, get=405, post=400, of="code", sight_first=True),
    rest("notice-list"),
    rest("notice-detail", of="notice"),
    rest("activity-step", DESK, get=405, post=400, of="activity", sight_first=True),
    rest("activity-attendance-list", post=403, of="activity", but=dict.fromkeys(DESK, (200, 400))),
    rest("attendance-list"),
    rest("attendance-detail", of="attendance"),
    rest("attendance-step", door("station deputy"), get=405, post=200, of="attendance", sight_first=True),
    rest("appointment-list", post=403, but=dict.fromkeys(door("station"), (200, 400))),
    rest("appointment-detail", of="appointment"),
    rest("appointment-step", door("station deputy"), get=405, post=400, of="appointment", sight_first=True),
    rest("sheet-list"),
    rest("sheet-detail", of="sheet"),
    rest("sheet-step", door("station"), get=405, post=400, of="sheet", sight_first=True),
    rest("visit-list", post=403, but=dict.fromkeys(door("station deputy"), (200, 400))),
    rest("visit-detail", of="visit"),
    rest("department-list"),
    rest("department-detail", of="department"),
    rest("category-list"),
    rest("category-detail"),
    rest("request-list"),
    rest("request-detail", of="request"),
    rest("suggestion-list", post=403, but=dict.fromkeys(door("office deputy"), (200, 400))),
    rest("suggestion-detail", of="suggestion"),
    rest("suggestion-step", door("office"), get=405, post=400, of="suggestion", sight_first=True),
    rest("suggestion-files", of="suggestion"),
    rest("suggestion-papers", of="suggestion"),
    rest("request-files", of="request"),
    rest("request-papers", of="request"),
    rest("request-person", door("office"), get=405, post=400, of="request", sight_first=True),
    rest("order-list"),
    rest("order-detail", of="order"),
    rest("order-files", of="order"),
    rest("order-file", door("office"), get=405, post=400, of="answer_kept", sight_first=True),
    rest("order-papers", post=400, of="order"),
    rest("order-paper", of="order"),
    rest("file-detail", of="file"),
    rest("file-content", of="file"),
    rest("order-step", door("office station deputy"), 405, 200, of="order", sight_first=True),
    rest("followup-list", post=403, but=dict.fromkeys(door("station deputy"), (200, 400))),
    rest("followup-detail", of="followup"),
    rest("rating-list"),
    rest("rating-detail", of="rating"),
    rest("draft-list"),
    rest("draft-detail", of="draft"),
    rest(
        "draft-step",
        door("office"),
        get=405,
        post=200,
        of="draft",
        sight_first=True,
        but={"office_city": (405, 409)},
    ),
    rest("opinion-list"),
    rest("opinion-detail", of="opinion"),
    rest(
        "request-step",
        DESK,
        get=405,
        post=409,
        of="request",
        sight_first=True,
        but=dict.fromkeys(door("station"), (405, 403)),
    ),
    rest("theme-list", post=403, but=dict.fromkeys(door("office"), (200, 400))),
    rest("theme-detail", of="theme"),
    rest("theme-step", door("office"), get=405, post=400, of="theme", sight_first=True),
    rest("project-list"),
    rest("project-detail", of="project"),
    rest("project-step", door("office"), get=405, post=400, of="project", sight_first=True),
    rest("ballot-list"),
    rest("ballot-detail", of="ballot"),
    rest("news-list", post=403, but=dict.fromkeys(door("station"), (200, 400))),
    rest("news-detail", of="news"),
    rest("news-files", of="news"),
    rest("news-step", door("office"), get=405, post=400, of="news", sight_first=True),
    rest("bulletin-list", post=403, but=dict.fromkeys(door("office"), (200, 201))),
    rest("bulletin-detail", of="bulletin"),
    rest("bulletin-files", of="bulletin"),
    rest(
        "bulletin-step",
        door("office"),
        get=405,
        post=200,
        of="bulletin",
        sight_first=True,
        but={"office_city": (405, 409)},
    ),
    rest("job-list"),
    rest("report-list", ASKERS, post=400),
    rest("report-detail", ASKERS, of="report"),
    rest("report-file", ASKERS, get=409, of="report"),
    rest("seal-list", door("office auditor"), post=400, but=dict.fromkeys(door("auditor"), (200, 403))),
    rest("seal-detail", door("office auditor"), of="seal"),
    rest("seal-verify", door("office auditor"), get=405, post=202, of="seal"),
    rest("seal-checks", door("office auditor"), of="seal"),
    rest("job-detail", of="job"),
    rest("job-file", get=409, of="job"),
    rest("job-step", get=405, post=200, of="job"),
    rest("export-list", get=405, post=400),
    rest("figures", ASKERS, of="area", query="area"),
    rest("dictionary"),
    rest("figure-records", ASKERS, of="area", query="area"),
    rest("coverage", door("office auditor"), of="area", query="area"),
    rest("coverage-records", door("office auditor"), of="area", query="area"),
    rest("tasks", ASKERS, of="area", query="area"),
    rest("task-records", ASKERS, of="area", query="area"),
    rest("quotas", ASKERS, of="area", query="area"),
    rest("quota-records", CASE_READERS, of="deputy", query="deputy", but={"deputy_colleague": (404, 405)}),
    rest("document-list"),
    rest("document-detail", of="document"),
    rest("token", get=405, post=400, stranger=(405, 400)),
    rest("schema"),
    rest("docs", stranger=302),
    rest("nothing", get=404, post=404, stranger=404),
    Route("no_such_api", EVERYBODY, 404, 404, stranger=404),
]
ROUTES = {route.name: route for route in PAGES + REST}


# --- The world ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything(django_db_setup, django_db_blocker):
    """The people, and every kind of thing at each of the four places, as keyword arguments of its addresses.

    Built once for all tests here: whatever they do to it, they undo.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        people = build_people()
        yield people, build_world(people)
        transaction.set_rollback(True)


@pytest.fixture
def people(everything):
    return everything[0]


@pytest.fixture
def world(everything):
    return everything[1]


def build_world(people):
    seats = {
        "own": people.deputy.mandate,
        "child": _deputy_at(people.child),
        "sibling": _deputy_at(people.sibling),
        "other": people.deputy_other.mandate,
    }
    keepers = {
        "own": people.station,
        "child": people.station_child,
        "sibling": people.station_sibling,
        "other": people.station_other,
    }
    things = {
        relation: _things(getattr(people, relation), seats[relation], keepers[relation])
        for relation in RELATIONS
    }
    order = Order.objects.get(number=things["own"]["order"]["number"])
    f.DepartmentStaffFactory(department=order.department, post=people.unit)
    return things


def _deputy_at(station):
    mandate = f.MandateFactory(
        area=station.area, term__congress=f.CongressFactory(name="县人民代表大会", level=Level.COUNTY)
    )
    f.AssignmentFactory(mandate=mandate, station=station)
    return mandate


def county_of(station):
    return Area.objects.get(code=f"{station.area.code[:6]:0<12}")


def _things(station, mandate, keeper):
    photo = StationPhoto.objects.create(
        station=station,
        caption="大门",
        attachment=Attachment.objects._keep(station, b"picture", "door.jpg", "image/jpeg", by=keeper),
    )
    group = f.GroupFactory(area=station.area)
    membership = group.memberships.create(deputy=mandate.deputy, from_on=f.LONG_AGO)
    wall_rule = StationRule.objects.create(
        station=station, title="接待制度", text="每月11日接待。", shown_on=f.LONG_AGO
    )
    link = ContactLink.objects.take_up(
        mandate, name="田秀兰", phone="", address="", from_on=f.LONG_AGO, by=keeper
    )
    contact = ContactRecord.objects.create(link=link, day=f.LONG_AGO, said="想装路灯")
    leader = Leader.objects.create(
        area=station.area, rank="CHAIR", name="赵主任", duty="副主任", from_on=f.LONG_AGO
    )
    activity = f.ActivityFactory(station=station, announced=True)
    picture = ActivityFile.objects.create(
        activity=activity,
        caption="现场",
        attachment=Attachment.objects._keep(activity, b"picture", "a.jpg", "image/jpeg", by=keeper),
    )
    attendance = f.AttendanceFactory(activity=activity, mandate=mandate)
    visit = f.VisitFactory(activity=activity, received_by=mandate)
    proposal = f.ProposalFactory(area=station.area)
    row = proposal.rows.create(mandate=mandate, origin=station, station=station, change="KEEP")
    f.VisitorFactory(visit=visit)
    request = f.RequestFactory(visit=visit, station=station)
    suggestion = f.SuggestionFactory(
        lead=mandate,
        area=county_of(station),
        state="ACCEPTED",
        key_on=f.LONG_AGO,
        key_by="主任会议",
        published_on=f.LONG_AGO,
        public_title="改造管网",
        public_text="更换老旧管网。",
        public_reply="已经更换。",
    )
    party = Party.objects.create(suggestion=suggestion, part="CHAIR", name="副主任")
    draft = f.DraftFactory(area=county_of(station), stations=[station])
    order = f.OrderFactory(
        request=f.RequestFactory(visit=visit, station=station, dispatched_on=f.LONG_AGO),
        department=f.DepartmentFactory(area=station.area),
    )
    answered = f.OrderFactory(
        suggestion=suggestion, department=f.DepartmentFactory(area=station.area), state="REPLIED", round=0
    )
    answer = Attachment.objects._keep(answered, b"%PDF-", "a.pdf", "application/pdf", by=keeper, public=True)
    thread = {"request": request, "mandate": mandate, "by": keeper, "round": 1, "day": f.LONG_AGO}
    followup = FollowUp.objects.create(kind="CALL", text="问过了。", **thread)
    marks = {"attitude": "SATISFIED", "result": "FAIRLY", "solved": "YES"}
    rating = Rating.objects.create(request=request, round=1, on=f.LONG_AGO, by=keeper, **marks)
    Document.objects.create(
        area=station.area, kind="ORDER", order=order, year=2026, serial=order.pk, number="", issued_on=order.issued_on,
        by=keeper,
    )  # fmt: skip
    opinion = f.OpinionFactory(draft=draft, station=station, mandate=mandate)
    theme = f.ThemeFactory(area=Area.objects.get(code=f"{station.area.code[:6]:0<12}"))
    Request.objects.filter(pk=request.pk).update(theme=theme)
    job = Job.objects.ask("test", by=keeper, title="导出来访登记", params={})
    report = Report.objects.ask(
        by=keeper, area=keeper.area, period=Period.read("YEARLY", "2023"), file_format="xlsx"
    )
    appointment = f.AppointmentFactory(station=station, mandate=mandate)
    f.ApplicantFactory(appointment=appointment)
    code = QrToken.objects.create(
        station=station, token=f"{station.pk:010d}".translate(str.maketrans("01", "AB"))
    )
    batch = SheetBatch(station=station, count=1).enter(by=keeper)
    project = f.ProjectFactory(area=station.area, department=f.DepartmentFactory(area=station.area))
    entry = project.progress.create(day=f.LONG_AGO, percent=10, text="开挖", by=keeper)
    ballot = Ballot.objects.create(
        area=station.area, year=2026, session="会议", day=f.LONG_AGO, entitled=3, present=3, issued=3, returned=3,
        valid=3, places=1, percent=50,
    )  # fmt: skip
    item = f.NewsItemFactory(station=station, written_by=keeper, published=True)
    seen_in_it = NewsPhoto.objects.create(
        item=item, caption="接待现场", people="ON_DUTY",
        attachment=Attachment.objects._keep(item, b"picture", "a.jpg", "image/jpeg", by=keeper),
    )  # fmt: skip
    bulletin = f.BulletinFactory(area=county_of(station))
    line = BulletinItem.objects.create(
        bulletin=bulletin, news=item, position=1, title="接待", text="接待了。"
    )
    issued = f.BulletinFactory(area=county_of(station), state="ISSUED", number=item.pk, issued_on=f.LONG_AGO)
    Attachment.objects._keep(issued, b"%PDF-", "a.pdf", "application/pdf", by=keeper, public=True)
    shot = Attachment.objects._keep(entry, b"picture", "a.jpg", "image/jpeg", by=keeper)
    return {
        "project": {"pk": project.pk, "name": "drop", "step": "drop"},
        "project_photo": {"pk": project.pk, "key": shot.key},
        "ballot": {"pk": ballot.pk},
        "news": {"pk": item.pk, "name": "withdraw", "step": "withdraw"},
        "news_photo": {"pk": item.pk, "photo_pk": seen_in_it.pk},
        "public_photo": {"key": seen_in_it.attachment.key},
        "bulletin": {"pk": bulletin.pk, "form": "pdf", "name": "drop", "step": "drop"},
        "bulletin_item": {"pk": bulletin.pk, "line_pk": line.pk},
        "issued": {"pk": issued.pk, "form": "pdf"},
        "job": {"pk": job.pk, "name": "cancel", "step": "cancel"},
        "report": {"pk": report.pk},
        "seal": {"pk": f.seal(keeper, station.area).pk},
        "schedule": {"pk": f.schedule(keeper, station.area).pk},
        "code": {"pk": code.pk, "name": "revoke", "step": "revoke"},
        "public_code": {"token": code.token},
        "public_file": {"key": photo.attachment.key},
        "answer_file": {"key": answer.key},
        "answer_kept": {"number": answered.number, "key": answer.key},
        "batch": {"pk": batch.pk},
        "document": {"pk": f.StationDocumentFactory(station=station).pk},
        "sheet": {"pk": batch.sheets.get().pk, "name": "void", "step": "void"},
        "department": {"pk": f.DepartmentFactory(area=station.area).pk},
        "upload": {"key": f.upload(keeper).key},
        "screen": {"pk": ScreenLink(name="大厅", area=station.area, by=keeper).enter(by=keeper).pk},
        "superior": {"pk": f.superior_form(keeper, station.area).pk, "number": 0, "ref": "B3"},
        "area": {"code": station.area.code},
        "station": {"code": station.code},
        "photo": {"code": station.code, "pk": photo.pk},
        "staff": {"code": station.code, "pk": station.staff.get().pk},
        "wall_rule": {"code": station.code, "pk": wall_rule.pk},
        "file": {"key": photo.attachment.key},
        "deputy": {"pk": mandate.deputy_id},
        "mandate": {"pk": mandate.pk},
        "assignment": {"pk": mandate.assignments.get().pk},
        "group": {"pk": group.pk},
        "membership": {"pk": membership.pk},
        "contact": {"pk": link.pk},
        "contact_record": {"pk": contact.pk},
        "leader": {"pk": leader.pk},
        "rule": {"pk": f.RuleFactory(station=station).pk},
        "proposal": {"pk": proposal.pk, "proposal": proposal.pk, "name": "drop", "step": "drop"},
        "proposal_row": {"pk": row.pk},
        "notice": {"pk": Notice.objects.put_up(activity, "FIRST", by=keeper, on=activity.day, where=[]).pk},
        "activity": {"pk": activity.pk, "number": activity.number, "name": "cancel", "step": "cancel"},
        "activity_file": {"pk": activity.pk, "file_pk": picture.pk},
        "served": {"pk": mandate.deputy_id},
        "scanned": {"pk": activity.pk, "token": f"{activity.pk}-AAAAAAAA"},
        "attendance": {"pk": attendance.pk, "name": "confirm", "step": "confirm"},
        "appointment": {"number": appointment.number, "name": "decline", "step": "decline"},
        "visit": {"pk": visit.pk},
        "suggestion": {"pk": suggestion.pk, "name": "praise", "step": "praise"},
        "party": {"pk": party.pk},
        "request": {"number": request.number, "name": "dispatch", "step": "dispatch"},
        "theme": {"pk": theme.pk, "name": "rename", "step": "rename"},
        "followup": {"number": request.number, "pk": followup.pk},
        "rating": {"pk": rating.pk},
        "order": {"number": order.number, "name": "urge", "step": "urge", "slug": "order", "form": "docx"},
        "draft": {"pk": draft.pk, "name": "close", "step": "close", "form": "xlsx"},
        "opinion": {"pk": opinion.pk, "number": opinion.number},
    }


# --- The test -----------------------------------------------------------------------------------------------------------


def named_routes(resolver=None, names=()):
    """The name of every address, with its namespaces; the arguments that it takes; and its view."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from named_routes(pattern, (*names, pattern.namespace) if pattern.namespace else names)
        elif isinstance(pattern, URLPattern):
            name = ":".join((*names, pattern.name or f"({pattern.pattern})"))
            wanted = set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex)
            yield name, wanted, pattern.callback


ADDRESSES = {name: wanted for name, wanted, _ in named_routes()}
DOORS = {name: view.roles for name, _, view in named_routes() if hasattr(view, "roles")}  # as @roles says
SPACES = sorted({name.rpartition(":")[0] for name in ROUTES})


def test_every_route_stands_in_the_table_and_the_table_names_no_other():
    there = {name for name in ADDRESSES if not name.startswith("admin:")}

    assert there - ROUTES.keys() == set(), "add these to ROUTES and say who may open them"
    assert ROUTES.keys() - there == set(), "these are in ROUTES, and nowhere else"


def test_every_door_lets_in_whom_the_table_names():
    """A view behind `@roles` says whom it lets in; that it is asked at all, one post that it keeps out finds below."""
    said = {name: door(" ".join(allowed).lower()) for name, allowed in DOORS.items() if name in ROUTES}

    assert len(said) > 150
    assert said == {name: ROUTES[name].enter for name in said}


@pytest.fixture
def _quick_papers(monkeypatch):
    """To draw a PDF takes a second; who may have it is all that is asked here."""
    for name in (
        "visits.papers.register",
        "suggestions.projects.papers.result_sheet",
        "visits.papers.rota",
        "visits.papers.blank_sheets",
        "visits.posters.posters",
        "visits.posters.month_sheet",
        "deputies.signs.plate",
        "deputies.signs.table_signs",
        "suggestions.papers.handing_out.printed",
        "liaison.bulletin.issues.views.printed",
    ):
        monkeypatch.setattr(name, lambda *args: b"%PDF-")


SEEN = {
    "station": Station, "deputy": Deputy, "mandate": Mandate, "assignment": StationAssignment, "activity": Activity,
    "code": QrToken, "notice": Notice,
    "contact": ContactLink, "contact_record": ContactRecord, "leader": Leader,
    "rule": ReceptionRule, "attendance": Attendance, "visit": Visit, "request": Request, "group": DeputyGroup,
    "draft": Draft, "opinion": Opinion, "order": Order, "suggestion": Suggestion, "theme": Theme, "followup": FollowUp, "rating": Rating,
    "project": Project, "ballot": Ballot, "news": NewsItem, "bulletin": Bulletin,
    "job": Job, "report": Report, "seal": Seal, "schedule": ReportSchedule, "superior": SuperiorForm, "screen": ScreenLink,
    "appointment": Appointment,
    "proposal": AssignmentProposal, "proposal_row": ProposalRow,
    "batch": SheetBatch, "sheet": Sheet, "document": StationDocument,
    "area": Area, "department": Department, "upload": Upload,
}  # fmt: skip


def test_visible_to_gives_each_post_what_the_table_says(people, world):
    wrong = []
    for thing, model in SEEN.items():
        by = next(name for name in ("pk", "code", "number", "key") if name in world["own"][thing])
        at = {relation: world[relation][thing][by] for relation in RELATIONS}
        for who in ANYONE[1:]:
            rows = model.objects.visible_to(getattr(people, who)).filter(**{f"{by}__in": at.values()})
            found = sorted(rows.values_list(by, flat=True))
            told = sorted({at[relation] for relation in RELATIONS if who in SEES[thing][relation].split()})
            if found != told:
                wrong.append(f"{thing}: {who} sees {found}, not {told}, of {at}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.long
@pytest.mark.once  # what each database shows to whom is asked of visible_to itself, above
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.usefixtures("_quick_papers")
def test_everybody_gets_what_the_table_says(space, people, world):
    """Which posts see a thing was asked of `visible_to`, post by post and place by place; here, whether the route asks it."""
    browsers = {who: Browser(getattr(people, who, None)) for who in ANYONE}
    always = {
        "code": people.category.code,
        "name": "stations",
        "secret": "x" * 43,
        "key": uuid4(),
        "slug": "order",
        "kind": "departments",
        "what": "shipped",
    }
    wrong = []
    tried = 0
    for route in (route for name, route in ROUTES.items() if name.rpartition(":")[0] == space):
        for who, relation, method, expected in cells(route):
            tried += 1
            url = address(route, {**always, **world[relation].get(route.of, {})})
            found = browsers[who].status(method, url)
            if found != expected:
                wrong.append(f"{route.name} {method.upper()} {who} → {relation}: {found}, not {expected}")
    assert tried
    assert not wrong, f"{len(wrong)} of {tried} cells:\n" + "\n".join(wrong)


def cells(route):
    """What is tried of a route, and what the table expects: yields (who, relation, method, status).

    One post of each kind opens it, and whoever the route treats otherwise than others of the kind: at the nearest place
    that it sees, and the nearest that it does not. Of a thing without a `visible_to` of its own every post asks at every
    place. Once are tried: for each kind of post and each answer that lets it in, its form; each refusal of the form; the
    door, where `@roles` has said whom it lets in; a stranger at a page, who is sent to sign in before any view looks at
    the method; a method that the route does not know.
    """
    asking = ANYONE if route.of and not is_told(route) else ("stranger", *KINDS)
    apart = {name.split()[0] for name in route.but if route.but[name] != route.but.get(name.split("_")[0])}
    asking = [*asking, *sorted(apart.difference(asking))]
    tried = set()
    for relation, who, method in product(RELATIONS if route.of else ["own"], asking, ("get", "post")):
        if getattr(route, method) is None or relation not in places(route, who):
            continue
        expected = route.expected(who, relation, method)
        at_the_door = who not in route.enter
        if at_the_door and (relation != "own" or who not in ("stranger", *KINDS)):
            continue  # the door looks at the role alone, never at the thing
        if expected == 405:  # who does not know the method does not look at who asks
            once = (method, expected)
        elif at_the_door and who != "stranger" and route.name in DOORS:
            once = "door"
        elif expected == route.stranger == 302 and who == "stranger":
            once = "signing in"
        elif method == "post" and route.get not in (None, 405):
            once = (method, expected) if expected in (403, 404) else (who, expected)
        else:
            once = (who, relation, method)
        if once not in tried:
            tried.add(once)
            yield who, relation, method, expected


def is_told(route):
    """Does what was asked of a `visible_to`, or that everybody sees it, say all about who sees the thing of this route?"""
    return BELONGS.get(route.of, route.of) in SEEN or SEES[route.of] is _OPEN


def places(route, who):
    """Where this post asks: at the nearest place of each answer, seen and unseen; everywhere, if `visible_to` was not asked."""
    if not route.of:
        return ["own"]
    if not is_told(route):
        return RELATIONS
    nearest = {}
    for relation in reversed(RELATIONS):
        answers = [
            route.expected(who, relation, method) for method in ("get", "post") if getattr(route, method)
        ]
        nearest[who in SEES[route.of][relation].split(), *answers] = relation
    return nearest.values()


@pytest.mark.once
def test_the_administration_is_for_administrators_alone(people):
    """One rule for all its addresses: nobody else gets so much as a page of it. The others try them in turn."""
    browsers = {who: Browser(getattr(people, who, None)) for who in ("stranger", *KINDS)}
    turns = cycle(who for who in browsers if who != "admin")
    wrong = []
    for name, wanted in ADDRESSES.items():
        if not name.startswith("admin:") or "(" in name:
            continue
        kwargs = {"object_id": "1", "app_label": "core", "content_type_id": "1"}
        url = reverse(name, kwargs={key: kwargs[key] for key in wanted})
        asking = browsers if name == "admin:index" else ("admin", next(turns))
        for who, method in product(asking, ("get", "post")):
            status = browsers[who].status(method, url)
            if status == 500 or (who != "admin" and status not in (302, 403, 404)):
                wrong.append(f"{name} {method.upper()} {who}: {status}")
    assert not wrong, "\n".join(wrong)


class Browser:
    """A session that never ends, of a world that stays as it is: whatever a request does is undone."""

    def __init__(self, post):
        self.client = Client(raise_request_exception=False)
        self.cookie = session_of(post) if post else ""

    def status(self, method, url):
        client = self.client
        client.cookies.clear()
        if self.cookie:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookie
        with transaction.atomic():
            if method == "get":
                answer = client.get(url)
            elif url.startswith("/api/"):
                answer = client.post(url, {}, content_type="application/json")
            else:
                answer = client.post(
                    url, {"sent": "nothing"}
                )  # wholly empty, a form takes it for a first visit
            transaction.set_rollback(True)
        return answer.status_code


def address(route, kwargs):
    wanted = ADDRESSES[route.name]
    place = kwargs.get("code")
    if route.query:  # the place is asked for by the query; in the path stands which figure
        codes = {"coverage": "missed", "task": "receptions", "quota": "receptions"}
        place = kwargs["pk"] if route.query == "deputy" else place
        kwargs = {"code": next((c for w, c in codes.items() if w in route.name), "network.stations")}
    url = reverse(route.name, kwargs={name: kwargs[name] for name in wanted})
    return f"{url}?{route.query}={place}" if route.query else url
