"""What is asked when an office brings a template."""

from django import forms

from liaison.core.forms import HouseForm


class TemplateForm(HouseForm):
    file = forms.FileField(
        label="模板文件",
        help_text="Word 文档（.docx），不超过 2 MB",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
    )
