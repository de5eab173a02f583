from django.contrib import admin

from liaison.accounts.models import Role
from liaison.core.admin import ReferenceAdmin

from .models import Department, DepartmentStaff


class RecordedAdmin(ReferenceAdmin):
    """Reference data that is of record: entered and corrected by its own methods, with version and audit entry."""

    def save_model(self, request, obj, form, change):
        if not change:
            obj.enter(by=request.post)
            return
        kept = type(obj).objects.get(pk=obj.pk)
        kept.amend(by=request.post, **{name: form.cleaned_data[name] for name in form.changed_data})


@admin.register(Department)
class DepartmentAdmin(RecordedAdmin):
    list_display = ["name", "area", "parent", "contact", "phone", "duties", "active"]
    list_filter = ["active"]
    list_select_related = ["area", "parent"]
    search_fields = ["name"]
    autocomplete_fields = ["area", "parent"]
    ordering = ["area_path", "name"]


@admin.register(DepartmentStaff)
class DepartmentStaffAdmin(RecordedAdmin):
    list_display = ["department", "post", "from_on", "to_on"]
    list_select_related = ["department", "post__user", "post__area"]
    autocomplete_fields = ["department"]
    ordering = ["department__area_path", "department__name", "-from_on"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "post":
            field.queryset = field.queryset.filter(role=Role.UNIT).select_related("user", "area")
        return field
