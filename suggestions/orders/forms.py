"""What each step of an order asks. Pages and REST check by the same forms."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse_lazy
from django.utils import timezone

from liaison.accounts.models import Role
from liaison.core.forms import clean_person_name, clean_phone
from liaison.core.models import Attachment
from liaison.core.policy import policy_for
from liaison.core.steps import NoteForm, OptionalNoteForm, StepForm
from liaison.core.workflow import NotAllowed
from suggestions.models import Department, FollowUp, Order
from suggestions.models.followup import followers_of

from .fields import DepartmentField, FilesField

LEAST = 20  # characters of an answer
HINT = "写给群众看：做了什么，什么时候做完，还不清楚问谁。"
TO_DEPUTIES = "逐条写：采纳了什么，什么时候做完；没有采纳的，写明理由。有会办意见的，一并说明。"
BECAUSE = "不能解决的原因和依据："
PUBLIC_FILES_HINT = "答复公开时，谁都能下载。请先看一遍：不要有任何人的姓名、电话、住址、身份证号"
FILES_HINT = "照片或 PDF、Word、Excel 文件，每个不超过 10 MB。照片里的拍摄位置会去掉"


def keep_files(order, files, *, by, field="files", public=False):
    """Photos as photos, everything else as papers. Raises ValidationError of `field` that names the file."""
    for number, file in enumerate(files, 1):
        photo = (file.content_type or "").startswith("image/")
        keep = Attachment.objects.keep_photo if photo else Attachment.objects.keep_paper
        try:
            keep(order, file, by=by, public=public)
        except ValidationError as error:
            raise ValidationError({field: f"第 {number} 个文件：{''.join(error.messages)}"}) from None


class AskReturnForm(StepForm):
    creates = True
    note = forms.CharField(label="为什么不是本单位的事", max_length=200)
    to = DepartmentField(label="应由哪个单位办", required=False)

    def begin(self):
        others = Department.objects.visible_to(self.post).exclude(pk=self.thing.department_id).to_choose()
        self.fields["to"].empty_label = "不清楚"
        self.fields["to"].offer(others, reverse_lazy("orders:options"))


class WhyNotForm(NoteForm):
    def begin(self):
        self.fields["note"].label = "为什么不同意"


class ReportForm(StepForm):
    creates = True
    note = forms.CharField(
        label="办理进展",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="做到哪一步了，下一步是什么。人大、联络站和跟单代表看得到",
    )


class AskExtensionForm(StepForm):
    creates = True
    to = forms.DateField(label="申请延到哪天")
    note = forms.CharField(label="为什么要延期", max_length=200)

    def begin(self):
        due, today = self.thing.due_on, timezone.localdate()
        case, policy = self.thing.case, policy_for(self.thing.area, today)
        latest, most = case.latest_extension(due, policy).day, case.longest_extension(policy)
        self.fields["to"].help_text = f"现在的期限是{due:%-m月%-d日}，最多再延 {most}，到{latest:%-m月%-d日}"


class AnswerForm(StepForm):
    """The words of a reply or an opinion, with files; both are stored, or neither."""

    creates = True

    text = forms.CharField(label="答复群众", help_text=HINT, widget=forms.Textarea(attrs={"rows": 7}))
    files = FilesField(label="附件", required=False, help_text=FILES_HINT)

    def begin(self):
        self.fields["text"].widget.attrs["data-counter"] = ""
        self.initial.setdefault("text", self.thing.text)
        if self.thing.suggestion_id:
            self.fields["text"].label, self.fields["text"].help_text = "答复代表", TO_DEPUTIES

    def clean_text(self):
        text = self.cleaned_data["text"]
        if len("".join(text.split())) < LEAST:
            raise ValidationError(f"不足 {LEAST} 个字。请写清做了什么，什么时候做完，还不清楚问谁。")
        return text

    def take(self, name, by):
        filled = self.filled
        files, public = filled.pop("files"), filled.pop("public_files", [])
        with transaction.atomic():
            getattr(self.thing, name)(by=by, **filled)
            keep_files(self.thing, files, by=by)
            keep_files(self.thing, public, by=by, field="public_files", public=True)


class OpineForm(AnswerForm):
    def begin(self):
        super().begin()
        self.fields["text"].label = "会办意见"
        self.fields["text"].help_text = "给主办单位看：本单位能做什么，什么时候做，依据是什么"


class ReplyForm(AnswerForm):
    answer_class = forms.ChoiceField(label="办理结果", choices=Order.Class.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="不能解决的原因和依据",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选 D 的要写：依据哪条政策、缺什么条件。会写进给群众的答复",
    )
    promised_on = forms.DateField(
        label="承诺完成的日期", required=False, help_text="选 B、C 的要写：到那一天，人大要问办成没有"
    )
    public_files = FilesField(label="可以公开的附件", required=False, help_text=PUBLIC_FILES_HINT)
    signer = forms.CharField(label="签发人", max_length=15)
    contact = forms.CharField(label="联系人", max_length=15)
    phone = forms.CharField(
        label="联系电话", max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    field_order = [
        "answer_class", "text", "reason", "promised_on", "files", "public_files", "signer", "contact", "phone",
        "version",
    ]  # fmt: skip

    def begin(self):
        super().begin()
        order = self.thing
        self.fields["files"].help_text = f"{FILES_HINT}。不公开，只给看得到这张派单的人"
        text, _, reason = order.text.partition(f"\n{BECAUSE}")
        self.initial |= {"text": text, "reason": reason}
        if order.suggestion_id:
            self.fields["reason"].help_text = "选 D 的要写：依据哪条政策、缺什么条件。会写进给代表的答复"
        called = policy_for(order.area, timezone.localdate()).answer_classes
        self.fields["answer_class"].choices = list(called.items())
        for name in ("answer_class", "promised_on", "signer"):
            self.initial.setdefault(name, getattr(order, name))
        self.initial.setdefault("contact", order.contact or order.department.contact or self.post.user.name)
        self.initial.setdefault("phone", order.phone or order.department.phone)

    def clean_phone(self):
        return clean_phone(self.cleaned_data["phone"])

    def clean_signer(self):
        return clean_person_name(self.cleaned_data["signer"])

    def clean(self):
        filled = super().clean() or self.cleaned_data
        reason = filled.pop("reason", "")
        match filled.get("answer_class"):
            case Order.Class.D if "reason" not in self.errors:
                if not reason:
                    self.add_error("reason", "选了“不能解决”，请写明原因和依据。")
                elif "text" in filled:
                    filled["text"] = f"{filled['text']}\n{BECAUSE}{reason}"
            case Order.Class.B | Order.Class.C if not filled.get("promised_on"):
                if "promised_on" not in self.errors:
                    self.add_error("promised_on", "请写明什么时候完成。")
        return filled


class SendBackForm(NoteForm):
    def begin(self):
        self.fields["note"].label = "要改什么"


class UrgeForm(OptionalNoteForm):
    creates = True

    def begin(self):
        self.fields["note"].label = "催办的话"

    def take(self, name, by):
        """A deputy who urges follows the request: it stands in the thread too, as if it were written down there."""
        order, filled = self.thing, self.filled
        if by.role != Role.DEPUTY or order.request is None:
            return super().take(name, by)
        if refusal := order.refusal(name, by):
            raise NotAllowed(refusal)
        whose = followers_of(order.request, by)
        thread = FollowUp(
            request=order.request, kind=FollowUp.Kind.URGE, text=filled["note"], day=timezone.localdate()
        )
        thread.mandate = whose[0]  # who sees the order received or follows
        return thread.enter(by=by, urged=order, version=filled["version"])


ORDER_FORMS = {
    "accept": OptionalNoteForm,
    "ask_return": AskReturnForm,
    "grant_return": OptionalNoteForm,
    "refuse_return": WhyNotForm,
    "report": ReportForm,
    "ask_extension": AskExtensionForm,
    "grant_extension": OptionalNoteForm,
    "refuse_extension": WhyNotForm,
    "opine": OpineForm,
    "reply": ReplyForm,
    "send_back": SendBackForm,
    "urge": UrgeForm,
    "cancel": NoteForm,
}
