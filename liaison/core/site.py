"""The admin's site: for administrators' posts only."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules


class HouseAdminSite(admin.AdminSite):
    site_header = site_title = "人大代表联络站 · 管理"
    index_title = "基础数据"
    site_url = "/"

    def has_permission(self, request: Any) -> bool:
        post = getattr(request, "post", None)
        return bool(request.user.is_active and post is not None and post.role == "ADMIN")


class HouseAdminConfig(AdminConfig):
    default_site = "liaison.core.site.HouseAdminSite"
    verbose_name = "管理"

    def ready(self) -> None:
        super().ready()
        autodiscover_modules("admin_accounts")  # areas, accounts, posts: liaison/core/admin_accounts.py
        from .admin import ReferenceAdmin  # models can be imported only now

        # Libraries register pages of their own (groups, tokens) that know neither posts nor areas.
        for model, page in list(admin.site._registry.items()):
            if not isinstance(page, ReferenceAdmin):
                admin.site.unregister(model)
