"""The admin edits reference data and shows the rest. It is for administrators' posts only, each in its own area."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils import timezone

from .audit import AuditEntry
from .models import CalendarDay, CalendarYear, OutboxMessage, PolicyVersion
from .policy import Policy, visible_policies
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

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return ("day",) if obj else ()

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.pk = correct_day(obj.day, obj.kind, obj.name, by=request.post).pk


@admin.register(CalendarYear)
class CalendarYearAdmin(ReferenceAdmin):
    list_display = ["year", "announced"]
    ordering = ["-year"]


def _rule_field(rule: Any) -> forms.Field:
    shown = {
        "label": rule.metadata["label"],
        "required": False,
        "help_text": f"{rule.metadata['hint']}。不填：沿用上级，上级也没有的为 {rule.default}。",
    }
    if isinstance(rule.default, str):
        return forms.CharField(max_length=rule.metadata["most"], **shown)
    return forms.IntegerField(min_value=0, max_value=rule.metadata["most"], **shown)


RuleFields = type(
    "RuleFields", (forms.Form,), {name: _rule_field(rule) for name, rule in Policy.rules().items()}
)


class PolicyVersionForm(forms.ModelForm, RuleFields):  # type: ignore[misc, valid-type]
    """One labelled field for each rule."""

    class Meta:
        model = PolicyVersion
        fields = ["area", "first_on", "note"]

    def __init__(self, *args: Any, instance: PolicyVersion | None = None, **kwargs: Any) -> None:
        values = dict(instance.values) if instance else {}
        kwargs["initial"] = values | (kwargs.get("initial") or {})
        super().__init__(*args, instance=instance, **kwargs)

    def clean(self) -> dict[str, Any]:
        filled = self.cleaned_data
        self.instance.values = {
            name: filled[name] for name in Policy.rules() if filled.get(name) not in (None, "")
        }
        return filled


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReferenceAdmin):
    form = PolicyVersionForm
    list_display = ["area", "first_on", "in_words", "note"]
    list_select_related = ["area"]
    ordering = ["area__path", "-first_on"]

    def get_queryset(self, request: Any) -> Any:
        return visible_policies(request.post)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        before = PolicyVersion.objects.get(pk=obj.pk).values if change else {}
        obj.save()
        deed, data = "correct" if change else "enter", {"from": obj.first_on, "values": [before, obj.values]}
        AuditEntry.objects.record(obj, deed, by=request.post, data=data)


class HowFarFilter(admin.SimpleListFilter):
    title = "送达"
    parameter_name = "sent"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "待发"), ("dead", "没有送达"), ("done", "已送达")]

    def queryset(self, request: Any, queryset: Any) -> Any:
        match self.value():
            case "waiting":
                return queryset.waiting()
            case "dead":
                return queryset.dead()
            case "done":
                return queryset.exclude(delivered_at=None)
        return queryset


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    """What could not be delivered is seen here, and tried again when its reason is gone."""

    list_display = ["subject", "created_at", "attempts", "error", "delivered_at", "dead_at"]
    list_filter = [HowFarFilter]
    fields = ["kind", *list_display]
    ordering = ["-pk"]
    actions = ["try_again"]

    @admin.action(description="再次发送")
    def try_again(self, request: Any, queryset: Any) -> None:
        count = queryset.revive(timezone.now())
        self.message_user(request, f"{count} 条通知将再次发送。")
