"""The superior's own form: bring the blank, say once what belongs where, get it filled."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from liaison.accounts.models import Area, Role
from liaison.core.access import roles
from liaison.core.idempotency import once
from liaison.core.models import Attachment
from liaison.core.paging import page_for
from liaison.core.workbooks.reading import Unreadable
from liaison.core.workflow import NotAllowed

from .blank import Sheet, guesses, loses, sheets_of
from .forms import ChangeForm, ContentForm, FillForm, GuessForm, NewForm
from .making import ask
from .models import SuperiorForm

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEEPERS = (Role.OFFICE, Role.STATION)
READERS = (*KEEPERS, Role.AUDITOR)
REF = re.compile(r"[A-Z]{1,3}[0-9]{1,5}")


@roles(*READERS)
def forms(request: Any) -> HttpResponse:
    rows = SuperiorForm.objects.visible_to(request.post).select_related("area")
    page = page_for(request, rows, ("-in_use", "-id"))
    context = {"page": page, "keeps": request.post.role in KEEPERS}
    return TemplateResponse(request, "reports/superior/list.html", context)


@roles(*KEEPERS)
@once
def new(request: Any) -> HttpResponse:
    form = NewForm(request.POST, request.FILES) if request.method == "POST" else NewForm()
    if form.is_bound and form.does(lambda: _bring(form.cleaned_data, request.post)):
        messages.success(request, "空表已收好。请点要填的格子，选填什么。")
        return redirect(form.outcome)
    return TemplateResponse(request, "reports/superior/new.html", {"form": form}, status=form.status)


def _bring(data: dict[str, Any], post: Any) -> SuperiorForm:
    made = SuperiorForm(name=data["name"], area=post.area, by=post).enter(by=post)
    made.amend(by=post, deed="bring", file=Attachment.objects.keep_paper(made, data["file"], by=post))
    return made


def _form(request: Any, pk: int) -> SuperiorForm:
    rows = SuperiorForm.objects.visible_to(request.post).select_related("area", "file", "by__user")
    return get_object_or_404(rows, pk=pk)


def _sheets(found: SuperiorForm) -> list[Sheet]:
    try:
        return sheets_of(found)
    except Unreadable as error:
        raise NotAllowed(str(error)) from None


@roles(*READERS)
def form(request: Any, pk: int) -> HttpResponse:
    """The sheets as they are, each free cell to be chosen."""
    found = _form(request, pk)
    sheets = _sheets(found)
    chosen = request.GET.get("sheet", "")
    number = int(chosen) if chosen.isdecimal() and int(chosen) < len(sheets) else 0
    shown = {
        found.key(sheet.name, square.ref) for sheet in sheets for square in sheet.squares() if square.free
    }
    tabs = [
        {
            "label": sheet.name,
            "url": f"?sheet={place}",
            "current": place == number,
            "count": sum(square.content is not None for square in sheet.squares()),
        }
        for place, sheet in enumerate(sheets)
    ]
    context = {
        "form": found,
        "tabs": tabs,
        "sheet": sheets[number],
        "number": number,
        "keeps": request.post.role in KEEPERS,
        "astray": [(key, one) for key, one in found.contents.items() if key not in shown],
        "loses": loses(found.blank()),
        "guessed": len(guesses(found, sheets)) if request.post.role in KEEPERS else 0,
    }
    return TemplateResponse(request, "reports/superior/form.html", context)


@roles(*KEEPERS)
def cell(request: Any, pk: int, number: int, ref: str) -> HttpResponse:
    """What belongs into one cell."""
    found = _form(request, pk)
    sheets = _sheets(found)
    square = sheets[number].find(ref) if number < len(sheets) and REF.fullmatch(ref) else None
    if square is None or not square.free:
        raise Http404
    key = found.key(sheets[number].name, ref)
    now = square.content
    start = {"version": found.version} | (
        {"code": now.code, "take": now.take, "span": now.span, "area": now.area} if now else {}
    )
    asked = ContentForm(request.POST if request.method == "POST" else None, form=found, initial=start)
    version = asked.cleaned_data.get("version") if asked.is_bound and asked.is_valid() else None
    if asked.is_bound and asked.does(
        lambda: found.put({key: asked.content()}, by=request.post, version=version)
    ):
        messages.success(request, f"{ref} 格已记下。")
        return redirect(f"{found.get_absolute_url()}?sheet={number}")
    context = {
        "question": f"{sheets[number].name} 的 {ref} 格填什么",
        "button": "记下",
        "danger": False,
        "back": f"{found.get_absolute_url()}?sheet={number}",
        "form": asked,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=asked.status)


@roles(*KEEPERS)
def guess(request: Any, pk: int) -> HttpResponse:
    """What the labels of the form say belongs where, to be looked over and kept at once."""
    found = _form(request, pk)
    proposed = guesses(found, _sheets(found))
    names = dict(Area.objects.visible_to(request.post).filter(parent=found.area).values_list("code", "name"))
    sent = request.POST if request.method == "POST" else None
    asked = GuessForm(sent, found=proposed, names=names, initial={"version": found.version})

    def keep() -> None:
        right = {key: proposed[key] for key in asked.cleaned_data["right"]}
        found.put(dict(right), by=request.post, version=asked.cleaned_data["version"])

    if asked.is_bound and asked.does(keep):
        messages.success(request, f"记下了 {len(asked.cleaned_data['right'])} 格。")
        return redirect(found)
    context = {
        "question": f"{found.name}：按表头认出 {len(proposed)} 格",
        "detail": "" if proposed else "没有认出能填的格子。请回到表里，点格子自己选。",
        "button": "记下选中的",
        "danger": False,
        "back": found.get_absolute_url(),
        "form": asked,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=asked.status)


@roles(*KEEPERS)
def change(request: Any, pk: int) -> HttpResponse:
    found = _form(request, pk)
    start = {"name": found.name, "monthly": found.monthly, "in_use": found.in_use, "version": found.version}
    asked = ChangeForm(request.POST, request.FILES) if request.method == "POST" else ChangeForm(initial=start)

    def keep() -> None:
        data = dict(asked.cleaned_data)
        version, file = data.pop("version"), data.pop("file")
        found.amend(by=request.post, version=version, **data)
        if not found.is_kept:
            found.take_over(by=request.post)
        if file:
            found.amend(
                by=request.post,
                deed="bring",
                file=Attachment.objects.keep_paper(found, file, by=request.post),
            )

    if asked.is_bound and asked.does(keep):
        messages.success(request, "已保存。")
        return redirect(found)
    context = {"form": asked, "found": found}
    return TemplateResponse(request, "reports/superior/change.html", context, status=asked.status)


@roles(*READERS)
@once
def fill(request: Any, pk: int) -> HttpResponse:
    """Ask for the form filled for a period; the job's page shows how far it is and gives the file."""
    found = _form(request, pk)
    asked = FillForm(request.POST if request.method == "POST" else None, today=timezone.localdate())
    if asked.is_bound and asked.does(
        lambda: ask(found, asked.cleaned_data["first"], asked.cleaned_data["last"], by=request.post)
    ):
        return redirect(asked.outcome)
    context = {
        "question": f"填“{found.name}”",
        "detail": "填好的表多一张“数据来源”，每个数从哪里来、怎么算的都写在上面。文件保留七天。",
        "button": "填好给我",
        "danger": False,
        "back": found.get_absolute_url(),
        "form": asked,
    }
    return TemplateResponse(request, "ui/confirm.html", context, status=asked.status)


@roles(*READERS)
def blank(request: Any, pk: int) -> HttpResponse:
    found = _form(request, pk)
    response = HttpResponse(found.blank(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="blank-{found.pk}.xlsx"'
    return response
