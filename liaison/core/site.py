"""The admin's site: for administrators' posts only."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.utils.module_loading import autodiscover_modules


class HouseAdminSite(admin.AdminSite):
    site_header = site_title = "人大代表联络站 · 管理"
    index_title = "基础数据"
    site_url = "/"

    def has_permission(self, request: Any) -> bool:
        post = getattr(request, "post", None)
        return bool(request.user.is_active and post is not None and post.role == "ADMIN")

    def login(self, request: Any, extra_context: Any = None) -> Any:
        """There is one page to sign in at; the middleware leads there. Who acts in another post is told so."""
        if self.has_permission(request):
            return redirect("admin:index")
        raise PermissionDenied

    def password_change(self, request: Any, extra_context: Any = None) -> Any:
        """There is one page to change a password at; it knows the house's rules."""
        return redirect("accounts:password")


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
