"""派单: the requests that wait, with what is known beside each; chosen ones are confirmed and given out at once."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.paging import page_for
from liaison.core.policy import rule_by_place
from liaison.core.workdays import Deadline, Workdays
from stations.choices import choose_places
from suggestions.filters import WaitingFilter
from suggestions.models import Department, Request, Theme
from visits.privacy import shown_words

from .batch import MOST, Outcome, each, is_number, numbers
from .forms import BatchForm
from .suggesting import departments_for, help_for

KEY = re.compile("[0-9]{1,18}")
TOLD = 10  # failures that are told one by one


@roles(Role.OFFICE)
@fragment("rows")
def waiting(request):
    """The oldest first. A bounded number of statements, however many rows."""
    rows = Request.objects.visible_to(request.post).awaiting_dispatch()
    chosen = WaitingFilter(request.GET, queryset=rows, request=request)
    choose_places(chosen.form, request.post)
    related = chosen.qs.select_related("station", "category__parent", "about")
    page = page_for(request, related, ("received_on", "pk"))
    helped = help_for(page.rows, request.post, timezone.localdate())
    show([*page.rows, *(one.request for found in helped.values() for one in found.candidates)], request.post)
    for found in page.rows:
        found.help = helped[found.pk]
        found.themes_near = themes_near(found, found.help.candidates)
    context = {
        "filter": chosen,
        "page": page,
        "suggested": sum(found.help.suggestion is not None for found in page.rows),
    }
    return TemplateResponse(request, "suggestions/dispatch/waiting.html", context)


def show(requests, post):
    """Of each what an office may read, in one statement: a theme of the office above is not its own."""
    rows = list(requests)
    themes = Theme.objects.visible_to(post).in_bulk({found.theme_id for found in rows if found.theme_id})
    for found in rows:
        found.heading = shown_words(found, found.title, post)
        found.own_theme = themes.get(found.theme_id)


def themes_near(found, near):
    """The themes that a request may be put into, as what says the same was."""
    if found.theme_id is not None:
        return []
    themes = (one.request.own_theme for one in near)
    return list(dict.fromkeys(theme for theme in themes if theme and theme.state == theme.State.OPEN))


@dataclass
class Parcel:
    """What one department gets of a batch with one number of days."""

    department: Department
    due: Deadline
    days: int
    requests: list[Request] = field(default_factory=list)


@roles(Role.OFFICE)
@once
def confirm(request):
    """GET shows what would be given to whom; POST does it, each request by itself, and tells what failed and why."""
    posted = request.method == "POST"
    wanted = _posted(request.POST) if posted else _chosen(request.GET)
    form = BatchForm(request.POST if posted else None, rows=wanted)
    if not posted and not wanted:
        messages.warning(request, "没有选诉求。请先勾选要派的诉求。")
        return redirect("dispatch:list")
    if posted and form.does(lambda: _give(request.post, wanted, form.cleaned_data["note"])):
        _tell(request, form.outcome)
        return redirect("dispatch:list")
    parcels, refused = _sorted_out(request.post, wanted)
    context = {
        "form": form,
        "parcels": parcels,
        "total": sum(len(parcel.requests) for parcel in parcels),
        "departments": len({parcel.department.pk for parcel in parcels}),
        "refused": refused,
        "back": reverse("dispatch:list"),
    }
    return TemplateResponse(request, "suggestions/dispatch/confirm.html", context, status=form.status)


def _chosen(query):
    """What was ticked in the list, or with `all` whatever has a department: number → (department, version)."""
    names = [name.removeprefix("to-") for name in query if name.startswith("to-")]
    chosen = [name for name in names if query[f"to-{name}"]] if "all" in query else query.getlist("row")
    return {number: (query.get(f"to-{number}", ""), None) for number in numbers(chosen)}


def _posted(form):
    wanted = {}
    for row in form.getlist("row")[:MOST]:
        number, _, rest = row.partition(":")
        department, _, version = rest.partition(":")
        if is_number(number) and KEY.fullmatch(department) and KEY.fullmatch(version):
            wanted[number] = (department, int(version))
    return wanted


def _rows(post, wanted):
    today = timezone.localdate()
    days = {rule: rule_by_place(rule, post.area, today) for rule in ("reply_days", "rehandle_days")}
    rows = Request.objects.visible_to(post).filter(number__in=wanted).annotate(**days)
    return list(rows.select_related("station", "area", "visit__received_by").order_by("received_on", "pk"))


def _sorted_out(post, wanted):
    """By department, each with its due day; and those that cannot be given, with the reason."""
    rows = _rows(post, wanted)
    allowed = departments_for(rows, post)
    calendar, today = Workdays.around(timezone.localdate()), timezone.localdate()
    parcels, refused = {}, []
    for row in rows:
        row.heading = shown_words(row, row.title, post)
        row.to = next((one for one in allowed[row.pk] if str(one.pk) == wanted[row.number][0]), None)
        if refusal := row.refusal("dispatch", post):
            refused.append((row, refusal))
        elif row.to is None:
            refused.append((row, "没有选单位。"))
        else:
            days = getattr(row, row.days_rule)
            key = row.to.pk, days
            if key not in parcels:
                parcels[key] = Parcel(row.to, calendar.add(today, days), days)
            parcels[key].requests.append(row)
    return list(parcels.values()), refused


def _give(post, wanted, note):
    rows = _rows(post, wanted)
    departments = Department.objects.visible_to(post).in_bulk({int(to) for to, _ in wanted.values()})

    def give(row):
        to, version = wanted[row.number]
        row.dispatch(by=post, note=note, version=version, lead=departments.get(int(to)))

    return each(rows, give)


def _tell(request, outcome: Outcome):
    done, failed = len(outcome.done), outcome.failed
    if not failed:
        messages.success(request, f"已派 {done} 件。")
        return
    messages.warning(request, f"已派 {done} 件，{len(failed)} 件没派成，原因如下。")
    by_reason = defaultdict(list)
    for row, reason in failed:
        by_reason[reason].append(row.number)
    for reason, those in list(by_reason.items())[:TOLD]:
        messages.error(request, f"{'、'.join(those)}：{reason}")
