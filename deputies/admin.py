from django.contrib import admin

from liaison.core.admin import ReferenceAdmin

from .models import Congress, CongressSession, Term


@admin.register(Congress)
class CongressAdmin(ReferenceAdmin):
    list_display = ["name", "level", "area"]
    list_filter = ["level"]
    list_select_related = ["area"]
    search_fields = ["name"]
    autocomplete_fields = ["area"]
    ordering = ["area__path", "pk"]


@admin.register(Term)
class TermAdmin(ReferenceAdmin):
    list_display = ["congress", "number", "from_on", "to_on"]
    list_select_related = ["congress"]
    search_fields = ["congress__name"]
    autocomplete_fields = ["congress"]
    ordering = ["-from_on", "congress__name", "pk"]


@admin.register(CongressSession)
class CongressSessionAdmin(ReferenceAdmin):
    list_display = ["term", "number", "from_on", "to_on"]
    list_select_related = ["term__congress"]
    autocomplete_fields = ["term"]
    ordering = ["-from_on", "pk"]
