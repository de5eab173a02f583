from django.contrib import admin

from liaison.core.admin import ReadOnlyAdmin

from .models import Station


@admin.register(Station)
class StationAdmin(ReadOnlyAdmin):
    """To look up; stations are entered and corrected on their own pages, where each change is recorded."""

    list_display = ["code", "name", "kind", "area", "opened_on", "closed_on"]
    list_filter = ["kind"]
    list_select_related = ["area"]
    search_fields = ["code", "name", "address"]
    ordering = ["area_path", "code"]
