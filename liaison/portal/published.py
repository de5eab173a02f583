"""Suggestions of deputies that were published in shortened form, for anybody; nothing but what was published of each."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from liaison.core.access import public_view
from liaison.core.forms import HouseForm, forms
from liaison.core.given_out import as_file
from liaison.core.models import Attachment
from liaison.core.paging import page_for
from liaison.core.phrases import Holds
from suggestions.models import Order, Suggestion

from .views import copied, show, typed


class WordsForm(HouseForm):
    q = forms.CharField(label="标题或内容里的词", max_length=30, required=False)


@public_view("suggestions:suggestions")
@require_safe
@copied
def suggestions(request):
    """The newest first, or those that hold what was typed."""
    form = WordsForm(request.GET or None)
    words = typed(form)
    rows = Suggestion.objects.public().select_related("lead__deputy", "area", "department")
    if words:
        rows = rows.filter(Holds(words, "public_title", "public_text"))
    page = page_for(request, rows, ("-published_on", "-pk"), size=30)
    return show(request, "portal/suggestions.html", {"form": form, "words": words, "page": page})


@public_view("suggestions:suggestion")
@require_safe
@copied
def suggestion(request, pk):
    rows = Suggestion.objects.public().select_related("lead__deputy", "area", "department")
    found = get_object_or_404(rows, pk=pk)
    facts = [
        ("编号", found.number),
        ("类型", found.get_kind_display()),
        ("领衔代表", found.lead.deputy.name),
        ("主办单位", found.department),
        ("交办", f"{found.assigned_on:%Y年%-m月%-d日}" if found.assigned_on else ""),
        ("答复", f"{found.delivered_on:%Y年%-m月%-d日}送达代表" if found.delivered_on else ""),
    ]
    answers = list(Order.objects.answers_for_everybody().filter(suggestion=found))
    files = Attachment.objects.of_all(answers).filter(public=True)
    return show(request, "portal/suggestion.html", {"found": found, "facts": facts, "files": files})


@require_safe
@copied
def answer_file(request, key):
    """A file of a published reply that was marked as one for anybody; of other files this address knows nothing."""
    found = get_object_or_404(Attachment, key=key, public=True, withdrawn_at=None)
    if found.owner_type.model_class() is not Order:
        raise Http404
    content = found.content() if Order.objects.answers_for_everybody().filter(pk=found.owner_id) else None
    if content is None:
        raise Http404
    return as_file(found, content)
