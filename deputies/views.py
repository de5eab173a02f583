from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.access import or_public, roles
from liaison.core.choices import AreaField, areas_for, offer_words
from liaison.core.htmx import fragment
from liaison.core.idempotency import once
from liaison.core.masking import mask_phone
from liaison.core.paging import page_for
from liaison.core.pdf import as_pdf
from liaison.core.steps import step_page
from liaison.core.timeline import timeline
from stations.forms import StationField
from stations.models import Station

from . import codes, signs
from .contacts.forms import MandateField, mandates_for, places_for, voters_of
from .filters import DeputyFilter
from .forms import (
    CODE_FORMS,
    AccountField,
    AssignForm,
    DeputyField,
    DeputyForm,
    EndForm,
    GroupField,
    GroupForm,
    IssueForm,
    MandateEndForm,
    MandateForm,
    MeForm,
    MemberForm,
    NewDeputyForm,
    NewGroupForm,
    TermField,
    accounts_for,
    groups_for,
    terms_for,
)
from .models import Deputy, DeputyGroup, GroupMembership, Mandate, QrToken, StationAssignment

READERS = (Role.OFFICE, Role.STATION, Role.DEPUTY, Role.AUDITOR, Role.ADMIN)
REGISTRARS = (Role.OFFICE, Role.ADMIN)  # enter and correct persons, mandates and groups
CODE_KEEPERS = (Role.OFFICE, Role.STATION)  # issue, revoke and redirect QR codes


def get_deputy(request, pk):
    return get_object_or_404(Deputy.objects.visible_to(request.post), pk=pk)


def kept(request, rows, pk):
    """The row in sight with this key, or 403 where it is not this post's to change."""
    row = get_object_or_404(rows.visible_to(request.post), pk=pk)
    if not rows.kept_by(request.post).filter(pk=pk).exists():
        raise PermissionDenied
    return row


# --- Directory ---


@or_public("deputies:list")
@roles(*READERS)
@fragment("rows")
def list_(request):
    deputies = Deputy.objects.visible_to(request.post)
    filter_ = DeputyFilter(request.GET, deputies, request=request)
    rows = filter_.qs if filter_.is_valid() else deputies.none()
    page = page_for(request, rows.with_seats(filter_.day), ("pinyin", "pk"))
    seen = _seen(request, [place.station_id for row in page for seat in row.seats for place in seat.places])
    for deputy in page:
        deputy.work = " ".join(filter(None, [deputy.employer, deputy.duty]))
        deputy.masked = mask_phone(deputy.phone)
    if request.post.role in (Role.STATION, Role.DEPUTY):
        filter_.form.fields.pop("area")  # few rows, all from one's own place
    context = {
        "page": page,
        "form": filter_.form,
        "on": filter_.form.cleaned_data.get("on"),
        "seen": seen,
        "sees_proposals": request.post.role in (Role.OFFICE, Role.AUDITOR),
        "sees_phones": request.post.role in Deputy.CONTACT_READERS,
        "may_add": request.post.role in REGISTRARS,
        "contacts": request.post.role != Role.ADMIN,
    }
    return TemplateResponse(request, "deputies/list.html", context)


def _seen(request, stations):
    """Which of these stations the asking post may open."""
    return set(Station.objects.visible_to(request.post).filter(pk__in=stations).values_list("pk", flat=True))


@roles(*READERS)
def options(request):
    """Words for a combobox, while one types."""
    post, today = request.post, timezone.localdate()
    chosen = voters_of if request.GET.get("of") == "voters" else mandates_for
    things = {
        "station": lambda: (StationField(), Station.objects.visible_to(post).order_by("code")),
        "area": lambda: (AreaField(), areas_for(post)),
        "group": lambda: (GroupField(), groups_for(post, today)),
        "term": lambda: (TermField(), terms_for(post)),
        "deputy": lambda: (DeputyField(), Deputy.objects.visible_to(post).order_by("pinyin", "pk")),
        "mandate": lambda: (MandateField(), chosen(post, today)),
        "partner": lambda: (MandateField(), mandates_for(post, today)),
        "place": lambda: (AreaField(), places_for(post)),
    }
    if post.role == Role.ADMIN:
        things["user"] = lambda: (AccountField(), accounts_for(post))
    return offer_words(request, things)


@or_public("deputies:detail")
@roles(*READERS)
def detail(request, pk):
    deputy = get_deputy(request, pk)
    mandates = _mandates(request, deputy)
    placed = [place for mandate in mandates for place in mandate.places]
    registrar = Deputy.objects.kept_by(request.post).filter(pk=pk).exists()
    keeps = set(deputy.mandates.kept_by(request.post).values_list("pk", flat=True)) if registrar else set()
    reads_history = request.post.role != Role.DEPUTY
    context = {
        "deputy": deputy,
        "mandates": mandates,
        "facts": _facts(deputy),
        "contact": _contact(deputy) if deputy.contact_is_open_to(request.post) else None,
        "groups": _groups_of(request, deputy),
        "seen": _seen(request, [place.station_id for place in placed]),
        "history": timeline(deputy, *mandates, *placed, most=30) if reads_history else [],
        "reads_history": reads_history,
        "registrar": registrar,
        "keeps": keeps,
        "assigns": keeps if request.post.role == Role.OFFICE else set(),
        "keeps_codes": request.post.role in CODE_KEEPERS,
    }
    return TemplateResponse(request, "deputies/detail.html", context)


def _mandates(request, deputy):
    today = timezone.localdate()
    places = StationAssignment.objects.select_related("station", "group", "mandate__deputy")
    rows = deputy.mandates.select_related("term__congress", "area", "deputy").order_by("-from_on", "pk")
    rows = list(
        rows.prefetch_related(Prefetch("assignments", places.order_by("-from_on", "pk"), to_attr="places"))
    )
    for mandate in rows:
        mandate.word, mandate.tone = mandate.condition(today)
        mandate.over = mandate.to_on is not None
        for place in mandate.places:
            place.over = place.to_on is not None
    return rows


def _facts(deputy):
    return [
        ("性别", deputy.get_sex_display()),
        ("民族", deputy.ethnicity),
        ("党派", deputy.party),
        ("学历", deputy.education),
        ("职业", deputy.occupation),
        ("单位", deputy.employer),
        ("职务", deputy.duty),
        (
            "同意公开",
            "、".join(Deputy.PUBLISHABLE[name] for name in deputy.consent if name in Deputy.PUBLISHABLE),
        ),
    ]


def _contact(deputy):
    birth = f"{deputy.birth:%Y年%-m月}" if deputy.birth else ""
    return {"phone": deputy.phone, "rows": [("出生年月", birth), ("代表证号", deputy.card_no)]}


def _groups_of(request, deputy):
    seen = set(DeputyGroup.objects.visible_to(request.post).values_list("pk", flat=True))
    rows = deputy.memberships.select_related("group").order_by("-from_on", "pk")
    return [{"row": row, "linked": row.group_id in seen} for row in rows]


# --- A deputy's own page ---


@roles(Role.DEPUTY)
def me(request):
    """What the house knows of me, and what I keep up to date myself."""
    deputy = Deputy.objects.visible_to(request.post).filter(user=request.user).first()
    if deputy is None:
        return TemplateResponse(request, "deputies/nobody.html", {})
    form = MeForm(request.POST or None, instance=deputy)

    def amend():
        deputy.amend(by=request.post, version=form.cleaned_data["version"], **form.values())

    if form.does(amend):
        messages.success(request, "已保存。")
        return redirect("deputies:me")
    mandates = _mandates(request, deputy)
    context = {
        "deputy": deputy,
        "form": form,
        "facts": _facts(deputy)[:-1],
        "contact": _contact(deputy),
        "mandates": mandates,
        "seen": _seen(request, [place.station_id for mandate in mandates for place in mandate.places]),
        "groups": _groups_of(request, deputy),
    }
    return TemplateResponse(request, "deputies/me.html", context, status=form.status)


# --- Persons and mandates ---


def form_page(request, form, title, button, back, lead=""):
    """A page that is one form."""
    context = {"form": form, "title": title, "button": button, "back": back, "lead": lead}
    return TemplateResponse(request, "deputies/form.html", context, status=form.status)


@roles(*REGISTRARS)
@once
def new(request):
    form = NewDeputyForm(request.POST or None, post=request.post)

    def enter():
        deputy = Deputy(**form.values()).enter(by=request.post)
        Mandate(deputy=deputy, **form.seat).enter(by=request.post)
        form.made = deputy

    if form.does(enter):
        messages.success(request, f"{form.made}已登记。接着请编入站点。")
        return redirect(form.made)
    return form_page(request, form, "登记代表", "登记代表", reverse("deputies:list"))


@roles(*REGISTRARS)
def edit(request, pk):
    deputy = kept(request, Deputy.objects.all(), pk)
    name = deputy.name
    form = DeputyForm(request.POST or None, instance=deputy, post=request.post)

    def amend():
        deputy.amend(by=request.post, version=form.cleaned_data["version"], **form.values())

    if form.does(amend):
        messages.success(request, f"{deputy}的资料已保存。")
        return redirect("deputies:detail", pk)
    return form_page(
        request, form, f"修改{name}的资料", "保存代表资料", reverse("deputies:detail", args=[pk])
    )


@roles(*REGISTRARS)
@once
def new_mandate(request, pk):
    deputy = get_deputy(request, pk)
    form = MandateForm(request.POST or None, post=request.post, deputy=deputy)
    if form.does(lambda: Mandate(deputy=deputy, **form.seat).enter(by=request.post)):
        messages.success(request, f"{deputy}的代表职务已登记。")
        return redirect(deputy)
    return form_page(
        request, form, f"登记{deputy}的代表职务", "登记职务", reverse("deputies:detail", args=[pk])
    )


@roles(*REGISTRARS)
def end_mandate(request, pk):
    """The mandate ends, rests, or goes on."""
    mandate = kept(request, Mandate.objects.select_related("deputy", "term__congress", "area"), pk)
    form = MandateEndForm(request.POST or None, mandate=mandate)
    if form.does(lambda: form.perform(by=request.post)):
        word, _ = mandate.condition(form.cleaned_data["on"])
        messages.success(request, f"{mandate.deputy}的代表职务已更新：{'离任' if mandate.to_on else word}。")
        return redirect(mandate.deputy)
    lead = "离任后不再排班，所在站点的编组同时结束。以前的记录不变。"
    back = reverse("deputies:detail", args=[mandate.deputy_id])
    return form_page(request, form, f"{mandate}：离任、暂停或恢复", "保存", back, lead)


# --- Assignment to stations ---


@roles(Role.OFFICE)
@once
def assign(request, pk):
    mandate = kept(request, Mandate.objects.select_related("deputy", "term__congress"), pk)
    form = AssignForm(request.POST or None, post=request.post, mandate=mandate)
    if form.does(lambda: form.perform(by=request.post)):
        messages.success(request, f"{mandate.deputy}已编入{form.cleaned_data['station']}。")
        return redirect(mandate.deputy)
    back = reverse("deputies:detail", args=[mandate.deputy_id])
    return form_page(request, form, f"把{mandate}编入站点", "编入站点", back)


@roles(Role.OFFICE)
def end_assignment(request, pk):
    rows = StationAssignment.objects.visible_to(request.post)
    row = get_object_or_404(rows.select_related("mandate__deputy", "station__area"), pk=pk)
    form = EndForm(request.POST or None, thing=row)
    if form.does(
        lambda: row.end(form.cleaned_data["on"], by=request.post, version=form.cleaned_data["version"])
    ):
        messages.success(request, f"{row.mandate.deputy}在{row.station}的编组已结束。")
        return redirect(row.mandate.deputy)
    context = {
        "question": f"{row.mandate.deputy}离开{row.station}？",
        "detail": "最后一天过后，不再排这个站点的班。以前的记录不变。",
        "button": "结束编组",
        "danger": False,
        "back": reverse("deputies:detail", args=[row.mandate.deputy_id]),
        "idem": "",
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)


# --- Groups ---


@roles(*READERS)
def groups(request):
    rows = (
        DeputyGroup.objects.visible_to(request.post)
        .select_related("area", "leader")
        .with_size(timezone.localdate())
    )
    page = page_for(request, rows, ("area_path", "name", "pk"))
    context = {"page": page, "today": timezone.localdate(), "may_add": request.post.role in REGISTRARS}
    return TemplateResponse(request, "deputies/groups.html", context)


@roles(*REGISTRARS)
@once
def new_group(request):
    form = NewGroupForm(request.POST or None, post=request.post)

    def enter():
        form.made = DeputyGroup(**form.values()).enter(by=request.post)

    if form.does(enter):
        messages.success(request, f"{form.made}已成立。接着请加组员。")
        return redirect(form.made)
    return form_page(request, form, "成立代表小组", "成立小组", reverse("deputies:groups"))


@roles(*READERS)
@once
def group(request, pk):
    """Who is in a group; its keepers add members here."""
    row = get_object_or_404(
        DeputyGroup.objects.visible_to(request.post).select_related("area", "leader"), pk=pk
    )
    keeps = DeputyGroup.objects.kept_by(request.post).filter(pk=pk).exists()
    if request.method == "POST" and not keeps:
        raise PermissionDenied
    form = MemberForm(request.POST or None, post=request.post, group=row) if keeps else None
    if form and form.does(lambda: GroupMembership(group=row, **form.values()).enter(by=request.post)):
        messages.success(request, f"{form.cleaned_data['deputy']}已加入{row}。")
        return redirect(row)
    today = timezone.localdate()
    members = list(row.memberships.select_related("deputy").order_by("deputy__pinyin", "pk"))
    placed = list(
        row.assignments.current(today)
        .select_related("mandate__deputy", "station")
        .order_by("mandate__deputy__pinyin", "pk")
    )
    known = [member.deputy_id for member in members] + [place.mandate.deputy_id for place in placed]
    context = {
        "group": row,
        "form": form,
        "now": [member for member in members if member.to_on is None or member.to_on >= today],
        "past": [member for member in members if member.to_on is not None and member.to_on < today],
        "placed": placed,
        "seen": set(
            Deputy.objects.visible_to(request.post).filter(pk__in=known).values_list("pk", flat=True)
        ),
        "keeps": keeps,
        "history": timeline(row, *members, most=20) if keeps else [],
    }
    return TemplateResponse(request, "deputies/group.html", context, status=form.status if form else 200)


@roles(*REGISTRARS)
def edit_group(request, pk):
    row = kept(request, DeputyGroup.objects.select_related("area"), pk)
    name = row.name
    form = GroupForm(request.POST or None, instance=row)

    def amend():
        row.amend(by=request.post, version=form.cleaned_data["version"], **form.values())

    if form.does(amend):
        messages.success(request, f"{row}已保存。")
        return redirect(row)
    return form_page(request, form, f"修改{name}", "保存小组", reverse("deputies:group", args=[pk]))


@roles(*REGISTRARS)
def end_membership(request, pk):
    rows = GroupMembership.objects.visible_to(request.post).select_related("deputy", "group__area")
    row = get_object_or_404(rows, pk=pk)
    if not DeputyGroup.objects.kept_by(request.post).filter(pk=row.group_id).exists():
        raise PermissionDenied
    form = EndForm(request.POST or None, thing=row)
    if form.does(
        lambda: row.end(form.cleaned_data["on"], by=request.post, version=form.cleaned_data["version"])
    ):
        messages.success(request, f"{row.deputy}已退出{row.group}。")
        return redirect(row.group)
    context = {
        "question": f"{row.deputy}退出{row.group}？",
        "detail": "",
        "button": "退出小组",
        "danger": False,
        "back": reverse("deputies:group", args=[row.group_id]),
        "idem": "",
        "form": form,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=form.status)


# --- QR codes of stations and deputies ---


@roles(*CODE_KEEPERS)
@once
def station_codes(request, code):
    station = get_object_or_404(Station.objects.visible_to(request.post), code=code)
    return _codes(request, station, reverse("stations:detail", args=[code]))


@roles(*CODE_KEEPERS)
@once
def deputy_codes(request, pk):
    deputy = get_deputy(request, pk)
    return _codes(request, deputy, deputy.get_absolute_url())


def _codes(request, thing, back):
    """The codes of one station or deputy; without one in use, it can be issued here."""
    form = IssueForm(request.POST or None)
    if form.does(lambda: QrToken.objects.issue(thing, by=request.post)):
        messages.success(request, f"{thing}的二维码已发好，可以打印了。")
        return redirect(request.path)
    tokens = QrToken.objects.visible_to(request.post).of(thing).with_scans()
    rows = list(tokens.select_related("station", "deputy", "to_station", "to_deputy"))
    for token in rows:
        token.steps = list(token.open_steps(request.post).items())
        token.picture = codes.picture(token) if token.state != QrToken.State.REVOKED else ""
    context = {
        "thing": thing,
        "is_station": isinstance(thing, Station),
        "is_mailbox": isinstance(thing, Station) and thing.kind == Station.Kind.MAILBOX,
        "back": back,
        "form": form,
        "tokens": rows,
        "in_use": any(token.state == QrToken.State.ACTIVE for token in rows),
        "domain": codes.domain(),
        "history": timeline(*rows, most=20) if rows else [],
    }
    return TemplateResponse(request, "deputies/codes.html", context, status=form.status)


CODE_WORDS = {
    "redirect": "已经贴出去的码照常能扫，扫了以后打开您选的那一页。站点撤并、代表换届时用。",
    "restore": "恢复以后，扫这个码又打开它原来的那一页。",
    "revoke": "停用以后，扫这个码的人会看到“已停用”和该去哪里找。贴出去的请撕下来。",
}


@roles(*CODE_KEEPERS)
def code_step(request, pk, name):
    tokens = QrToken.objects.visible_to(request.post)
    token = get_object_or_404(tokens.select_related("station", "deputy", "to_station", "to_deputy"), pk=pk)
    home = (
        reverse("deputies:station_codes", args=[token.station.code])
        if token.station
        else reverse("deputies:deputy_codes", args=[token.deputy_id])
    )

    def page():
        label = QrToken.FLOW[name].label
        return {
            "question": f"{label}：{token}",
            "detail": CODE_WORDS[name],
            "button": f"确定{label}",
            "danger": name == "revoke",
            "back": home,
        }

    def done():
        return {
            "redirect": f"扫这个码，现在打开{token.target}的页面。",
            "restore": f"已恢复，扫这个码打开{token.owner}的页面。",
            "revoke": "已停用。需要的话，可以再发一个新的。",
        }[name]

    return step_page(request, token, name, CODE_FORMS, page, done, lambda: home)


@roles(*CODE_KEEPERS)
def plate(request, code):
    """The plate of a station, or the sticker of a mailbox."""
    station = get_object_or_404(
        Station.objects.visible_to(request.post).select_related("area", "parent"), code=code
    )
    return as_pdf(signs.plate(station), f"plate-{station.pk}")


@roles(*CODE_KEEPERS)
def table_signs(request, code):
    station = get_object_or_404(Station.objects.visible_to(request.post), code=code)
    return as_pdf(signs.table_signs(station), f"signs-{station.pk}")
