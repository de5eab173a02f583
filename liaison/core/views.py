from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import get_template
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from . import sms
from .access import EVERYBODY, roles
from .audit import AuditEntry
from .context import origin
from .forms import HouseForm, HouseModelForm, clean_phone, forms
from .given_out import as_file
from .htmx import fragment
from .models import Attachment, InboxItem, Job, NoticeChoice, OutboxMessage
from .paging import page_for
from .steps import StepForm, step_page

YEAR = 365 * 24 * 3600


@login_not_required
def alive(request):
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def ready(request):
    """Is the database there, and does anybody work off the outbox?"""
    waiting = OutboxMessage.objects.waiting()
    try:
        late = waiting.filter(available_at__lt=timezone.now() - timedelta(minutes=10)).count()
        dead = OutboxMessage.objects.dead().count()
    except DatabaseError:
        return JsonResponse({"database": "unreachable"}, status=503)
    queue = "late" if late else "ok"
    return JsonResponse({"database": "ok", "queue": queue, "waiting_too_long": late, "undeliverable": dead})


@csrf_exempt  # harmless, and public pages stay free of cookies
@login_not_required
@require_POST
def size(request):
    """长者版 or standard, kept in a cookie for a year; the server renders it, so nothing flashes."""
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    response = redirect(target if safe else "/")
    chosen = "elder" if request.POST.get("size") == "elder" else "std"
    response.set_cookie(
        "size", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
    )
    return response


@login_not_required
@require_safe
def worker(request):
    """The service worker. At the root, for it may only serve what lies below it; asked for anew at every visit."""
    version = getattr(staticfiles_storage, "manifest_hash", "") or "unversioned"
    script = (settings.BASE_DIR / "static/js/worker.js").read_text()
    return HttpResponse(
        f'const VERSION = "{version}";\n{script}',
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@require_safe
def file(request, key):
    """Give out a stored file to those who may see the thing it belongs to."""
    attachment = get_object_or_404(Attachment, key=key)
    if not attachment.is_visible_to(request.post):
        raise Http404
    content = attachment.content()
    if content is None:
        return TemplateResponse(
            request, "refused.html", {"reason": "这个文件已损坏，没有给出。请联系管理员。"}, status=410
        )
    return as_file(attachment, content)


def inbox(request):
    """What has arrived for this person: to do first, then for information."""
    mine = InboxItem.objects.of(request.user)
    if request.method == "POST":
        read = mine.unread()
        if chosen := request.POST.getlist("item"):
            read = read.filter(pk__in=[int(pk) for pk in chosen if pk.isdecimal() and len(pk) < 19])
        count = read.update(read_at=timezone.now())
        messages.success(request, f"{count} 条消息已标为已读。" if count else "没有未读的消息。")
        return redirect("core:inbox")
    return TemplateResponse(request, "core/inbox.html", {"page": page_for(request, mine, ("-at", "-pk"))})


class NoticeChoiceForm(HouseModelForm):
    """How one wants to be told; nothing is offered that could not be sent."""

    mail = forms.ChoiceField(label="邮件", choices=NoticeChoice.Mail.choices, widget=forms.RadioSelect)

    class Meta:
        model = NoticeChoice
        fields = ["mail", "by_sms", "phone"]
        help_texts = {"phone": "只用来发短信，别人看不到"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not sms.is_set_up():
            del self.fields["by_sms"], self.fields["phone"]

    def clean_phone(self):
        phone = clean_phone(self.cleaned_data["phone"])
        if phone and not (len(phone) == 11 and phone.startswith("1")):
            raise forms.ValidationError("请写 11 位的手机号，座机收不到短信。")
        return phone

    def clean(self):
        filled = super().clean() or self.cleaned_data
        if filled.get("by_sms") and not filled.get("phone") and "phone" not in self.errors:
            self.add_error("phone", "要收短信，请写手机号。")
        return filled


def notice_choice(request):
    """How this person wants to hear of what arrives."""
    kept = NoticeChoice.objects.filter(user=request.user).first() or NoticeChoice(user=request.user)
    form = NoticeChoiceForm(request.POST if request.method == "POST" else None, instance=kept)

    def keep():
        NoticeChoice.objects.update_or_create(user=request.user, defaults=form.values())
        told = {name: value for name, value in form.values().items() if name != "phone"}
        AuditEntry.objects.record(request.user, "notices", by=request.post, data=told)

    if request.method == "POST" and form.does(keep):
        messages.success(request, "已保存。下一条通知起按这样发。")
        return redirect("core:inbox")
    context = {"form": form, "address": request.user.email}
    return TemplateResponse(request, "core/notice_choice.html", context, status=form.status)


@roles(*EVERYBODY)
def jobs(request):
    """What the acting post has asked for that takes its time, the newest first."""
    page = page_for(request, Job.objects.visible_to(request.post), ("-pk",))
    return TemplateResponse(request, "core/jobs.html", {"page": page})


def get_job(request, pk):
    return get_object_or_404(Job.objects.visible_to(request.post).select_related("post__area", "area"), pk=pk)


@roles(*EVERYBODY)
@fragment("state")
def job(request, pk):
    """How one job stands. While it is at work the page asks again every two seconds; 286 tells htmx to stop."""
    found = get_job(request, pk)
    context = {
        "job": found,
        "why_not": found.why_not_open(request.post) if found.file else "",
        "steps": found.open_steps(request.post),
    }
    over = request.htmx and not found.is_at_work
    return TemplateResponse(request, "core/job.html", context, status=286 if over else 200)


JOB_FORMS = dict.fromkeys(Job.FLOW, StepForm)
JOB_WORDS = {"cancel": "已取消，没有留下文件。", "retry": "已重新排队，好了会通知您。"}


@roles(*EVERYBODY)
def job_step(request, pk, name):
    found = get_job(request, pk)

    def page():
        return {
            "question": f"{found.FLOW[name].label}“{found.title}”？",
            "button": found.FLOW[name].label,
            "back": found.get_absolute_url(),
        }

    return step_page(request, found, name, JOB_FORMS, page, lambda: JOB_WORDS[name], lambda: found)


@roles(*EVERYBODY)
@require_safe
def job_file(request, pk):
    """Give out what a job has made, to its owner, who must still have the rights that it was made with."""
    found = get_job(request, pk)
    content = found.handed_out(by=request.post)
    response = FileResponse(content, as_attachment=True, filename=found.file_name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def csrf_failure(request, reason=""):
    return TemplateResponse(request, "403_csrf.html", status=403).render()


class SampleForm(HouseForm):
    """Every kind of field once, for the style guide."""

    name = forms.CharField(label="姓名", max_length=15, help_text="2 到 15 个字")
    phone = forms.CharField(label="手机", required=False, help_text="只用于联系您，不会公开。")
    day = forms.DateField(label="日期")
    kind = forms.ChoiceField(
        label="类别", choices=[("a", "供暖"), ("b", "物业"), ("c", "道路")], widget=forms.RadioSelect
    )
    several = forms.MultipleChoiceField(
        label="接待代表",
        choices=[("a", "张建国"), ("b", "李秀英")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    place = forms.ChoiceField(
        label="站点", choices=[("", "请选择"), ("a", "火车站社区联络站")], required=False
    )
    text = forms.CharField(label="反映的问题", widget=forms.Textarea(attrs={"rows": 3}), max_length=500)


def styleguide(request):
    form = SampleForm({"name": "王", "phone": "139"} if "errors" in request.GET else None)
    return TemplateResponse(request, "styleguide.html", {"form": form})


def forbidden(request, exception=None):
    """403 in words, with the layout of the acting role."""
    no_post = request.user.is_authenticated and request.post is None
    return TemplateResponse(request, "403.html", {"no_post": no_post}, status=403).render()


def broken_page(request):
    """500: stands when everything else has fallen, and gives the number under which the log has it."""
    page = get_template("500.html").render({"request_id": origin.get().request_id})
    return HttpResponse(page, status=500)
