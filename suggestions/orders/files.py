"""Which files of an answer anybody may have: said of each file by the department that answers, or by the office."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from liaison.accounts.models import Role
from liaison.core.access import roles
from liaison.core.models import Attachment
from suggestions.models import Order

OPEN = (
    "答复公开以后，谁都能下载它；反映人从查询页也能下载。请先打开看一遍：不要有任何人的姓名、电话、住址、身份证号，"
    "也不要有不能外传的内容。"
)
CLOSE = "改了以后，公开页和查询页上不再有它；看得到这张派单的人仍然看得到。"


OPENERS = (Role.OFFICE, Role.UNIT)


def file_to_open(order, key, by):
    """A file of the answer of `order`, of which `by` may say whether anybody may have it; 404, or 403."""
    found = get_object_or_404(Attachment.objects.of(order).select_related("owner_type"), key=key)
    if not order.may_open_files(by):
        raise PermissionDenied
    return found


@roles(*OPENERS)
def opened(request, number, key):
    """Ask, then turn: for anybody, or not any more."""
    order = get_object_or_404(Order.objects.visible_to(request.post), number=number)
    found = file_to_open(order, key, request.post)
    if request.method == "POST":
        public = request.POST.get("public") == "yes"
        found.open_to_all(public, by=request.post)
        messages.success(request, "这个附件可以公开了。" if public else "这个附件不再公开。")
        return redirect(order)
    context = {"order": order, "file": found, "words": CLOSE if found.public else OPEN}
    return TemplateResponse(request, "suggestions/orders/file.html", context)
