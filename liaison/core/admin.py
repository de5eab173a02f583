"""The admin edits reference data and shows the rest. It is for administrators' posts only, each in its own area."""

from typing import Any

from django.contrib import admin

from .audit import AuditEntry
from .models import CalendarDay, CalendarYear, PolicyVersion
from .policy import visible_policies
from .workdays import correct_day


class ReferenceAdmin(admin.ModelAdmin):
    """Reference data: an administrator adds and corrects it; nothing is deleted. Every change goes into the record."""

    show_full_result_count = False

    def has_module_permission(self, request: Any) -> bool:
        return bool(self.admin_site.has_permission(request))

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return bool(self.admin_site.has_permission(request))

    has_add_permission = has_change_permission = has_view_permission  # type: ignore[assignment]

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: Any) -> Any:
        rows = super().get_queryset(request)
        manager = self.model._default_manager
        return rows & manager.visible_to(request.post) if hasattr(manager, "visible_to") else rows

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Choices end where the administrator's area ends."""
        manager = db_field.related_model._default_manager
        if hasattr(manager, "visible_to"):
            kwargs["queryset"] = manager.visible_to(request.post)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        deed = "correct" if change else "enter"
        AuditEntry.objects.record(obj, deed, by=request.post, data={"fields": list(form.changed_data)})


class ReadOnlyAdmin(ReferenceAdmin):
    """What has a life of its own is shown, and changed only by its steps."""

    def has_add_permission(self, request: Any) -> bool:  # type: ignore[override]
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:  # type: ignore[override]
        return False


@admin.register(CalendarDay)
class CalendarDayAdmin(ReferenceAdmin):
    list_display = ["day", "kind", "name", "by_hand"]
    list_filter = ["kind", "by_hand"]
    date_hierarchy = "day"
    ordering = ["-day"]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        correct_day(obj.day, obj.kind, obj.name, by=request.post)
        obj.pk = CalendarDay.objects.get(day=obj.day).pk


@admin.register(CalendarYear)
class CalendarYearAdmin(ReferenceAdmin):
    list_display = ["year", "announced"]


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReferenceAdmin):
    list_display = ["area", "first_on", "values", "note"]

    def get_queryset(self, request: Any) -> Any:
        return visible_policies(request.post)
