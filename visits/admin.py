from django.contrib import admin

from liaison.core.admin import ReferenceAdmin

from .models import Category


@admin.register(Category)
class CategoryAdmin(ReferenceAdmin):
    list_display = ["code", "name", "parent", "hotline_code", "rank", "from_on", "to_on"]
    list_filter = ["parent"]
    search_fields = ["code", "name"]
    ordering = ["rank", "pk"]
