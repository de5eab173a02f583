"""How long a session lasts, and in which post it acts."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from .models import Role

GetResponse = Callable[[HttpRequest], HttpResponse]
TOUCH_EVERY = 60  # seconds; a write for each page would be a write too many


class SessionAgeMiddleware:
    """Ends a session that has been idle or open too long (GB/T 22239-2019 8.1.4.1 b)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now().timestamp()
            began, seen = request.session.get("began_at", now), request.session.get("seen_at", now)
            idle = settings.SESSION_IDLE_ADMIN if request.session.get("admin") else settings.SESSION_IDLE
            if now - seen > idle.total_seconds() or now - began > settings.SESSION_ABSOLUTE.total_seconds():
                logout(request)
                request.session["expired"] = True
            elif now - seen > TOUCH_EVERY:
                request.session["seen_at"] = now
        response = self.get_response(request)
        if SESSION_KEY in request.session and "began_at" not in request.session:  # signed in just now
            request.session["began_at"] = request.session["seen_at"] = timezone.now().timestamp()
        return response


class ActingPostMiddleware:
    """Sets `request.post`: the one post in which this session acts, or None."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.post = None  # type: ignore[attr-defined]
        request.posts = []  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            posts = request.user.open_posts(timezone.localdate())
            chosen = request.session.get("post_id")
            post = next((post for post in posts if post.pk == chosen), posts[0] if posts else None)
            request.post, request.posts = post, posts  # type: ignore[attr-defined]
            acts_as_admin = post is not None and post.role == Role.ADMIN
            if bool(request.session.get("admin")) != acts_as_admin:
                request.session["admin"] = acts_as_admin
        return self.get_response(request)


class PasswordChangeMiddleware:
    """Leads to the password page first where the password is an initial one or too old."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):  # type: ignore[no-untyped-def]
        if not request.user.is_authenticated or not request.user.password_is_due:
            return None
        if request.resolver_match.view_name in {
            "accounts:password",
            "accounts:logout",
            "core:size",
            "core:alive",
            "core:ready",
        }:
            return None
        if "api" in request.resolver_match.namespaces:
            return None  # a program is told so in its own shape (SessionInPost)
        messages.info(request, "请先设置新密码，再继续使用。")
        return redirect("accounts:password")
