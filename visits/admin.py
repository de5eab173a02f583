from django.contrib import admin

from liaison.core.admin import ReadOnlyAdmin, ReferenceAdmin

from .models import Activity, Category, ReceptionRule


@admin.register(Category)
class CategoryAdmin(ReferenceAdmin):
    list_display = ["code", "name", "parent", "hotline_code", "rank", "from_on", "to_on"]
    list_filter = ["parent"]
    search_fields = ["code", "name"]
    ordering = ["rank", "pk"]


@admin.register(ReceptionRule)
class ReceptionRuleAdmin(ReadOnlyAdmin):
    list_display = ["station", "in_words", "first_on", "last_on"]
    list_select_related = ["station"]
    search_fields = ["station__name", "station__code"]


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ["number", "station", "kind", "day", "state"]
    list_select_related = ["station"]
    list_filter = ["kind", "state"]
    search_fields = ["number", "station__name"]
    ordering = ["-day", "-pk"]
