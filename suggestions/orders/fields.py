"""Fields of the forms about orders."""

from django import forms
from django.core.exceptions import ValidationError

from liaison.core.choices import ThingField
from visits.fields import Pictures


class DepartmentField(ThingField):
    """A department by its name."""

    unknown = "没有找到单位“{typed}”，请检查名称。"

    def search(self, things, typed):
        return things.search(typed)


class FilesField(forms.FileField):
    """Any number of photos and papers; cleans to a list. Whether each is one is said when it is kept."""

    MOST = 9
    widget = Pictures

    def clean(self, data, initial=None):
        files = [super(FilesField, self).clean(one, initial) for one in data or []]
        if len(files) > self.MOST:
            raise ValidationError(f"一次最多 {self.MOST} 个文件，现在选了 {len(files)} 个，请少选几个。")
        return files
