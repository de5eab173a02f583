"""The pages of what a person may look up without an account: found by number and query code, shown by link."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from .forms import HouseForm
from .links import CODE_LENGTH, CODE_LETTERS
from .workflow import NotAllowed


class Secret:
    """In addresses: the 43 characters that stand for the person. To be registered as `secret`, once."""

    regex = r"[\w-]{43}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def kept_to_itself(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The address or the page is the person's own: kept nowhere, told to no other page, in no search engine."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        # Not no-referrer: with that, browsers send a form with "Origin: null", which the CSRF check refuses.
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    return wrapper


class FindForm(HouseForm):
    """Number and query code, however they were typed."""

    number = forms.CharField(label="编号", max_length=20)
    code = forms.CharField(
        label="查询码", max_length=20, help_text=f"共 {CODE_LENGTH} 位，没有数字 0、1 和字母 O、I"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("number", "code"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters"}

    def clean_number(self) -> str:
        return re.sub(r"\s", "", self.cleaned_data["number"]).upper()

    def clean_code(self) -> str:
        code = re.sub(r"[\s-]", "", self.cleaned_data["code"]).upper()
        if len(code) != CODE_LENGTH or set(code) - set(CODE_LETTERS):
            raise ValidationError(f"查询码不对，共 {CODE_LENGTH} 位，没有数字 0、1 和字母 O、I。")
        return code


class ByCode(Protocol):
    def __call__(self, number: str, code: str) -> Any: ...


def find_page(
    request: Any, form_class: type[FindForm], by_code: ByCode, goto: str, template: str
) -> HttpResponse:
    """Ask for number and query code, and lead to the person's page, whose address is called `goto`."""
    posted = request.method == "POST"
    form: Any = form_class(request.POST if posted else None)
    if form.is_valid():
        # Not `form.does`: what it refuses it undoes, and a wrong code must stay counted.
        try:
            found = by_code(form.cleaned_data["number"], form.cleaned_data["code"])
            if found is not None:
                return redirect(goto, secret=found.secret)
            form.add_error(None, "编号或查询码不对，请检查。记不清的，请打电话问联络站。")
        except NotAllowed as refusal:
            form.refused = True
            form.add_error(None, str(refusal))
    return TemplateResponse(request, template, {"form": form}, status=form.status if posted else 200)
