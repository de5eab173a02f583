import json

from django import forms
from django.core.exceptions import ValidationError

from liaison.core.forms import HouseForm
from liaison.core.workbooks.reading import MEGABYTE

from .sheet import LIMITS


class WorkbookForm(HouseForm):
    """The file that shall be imported."""

    creates = True
    file = forms.FileField(
        label="工作簿",
        help_text=f"Excel 工作簿（.xlsx），不超过 {LIMITS.size // MEGABYTE} MB。选好以后先核对，不会马上保存。",
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        ),
        error_messages={"empty": "这个文件是空的，请检查是不是选错了。"},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LIMITS.size:
            raise ValidationError(f"文件超过 {LIMITS.size // MEGABYTE} MB，请分成几个文件导入。")
        return file


class ImportForm(HouseForm):
    """The second button. `seen` are the figures that the page showed."""

    creates = True
    seen = forms.CharField(widget=forms.HiddenInput)

    def show(self, figures):
        """The figures of now: sent back after a refusal, they are a new decision."""
        self.initial["seen"] = json.dumps(figures, ensure_ascii=False)
        if self.is_bound:
            self.data = self.data.copy()
            self.data["seen"] = self.initial["seen"]

    def clean_seen(self):
        try:
            seen = json.loads(self.cleaned_data["seen"])
        except ValueError:
            seen = None
        if not isinstance(seen, dict):
            raise ValidationError("页面内容不完整，请重新核对。")
        return seen
