"""Who calls: a token or the browser's session, always in one post."""

from typing import Any

from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission

PASSWORD_IS_DUE = "密码已到期或是初始密码，请先在网页上修改密码。"  # noqa: S105 — a sentence
NO_POST = "这个账号现在没有岗位，请联系管理员。"


class TokenInPost(TokenAuthentication):
    """`Authorization: Token …`. `X-Post: <id>` chooses among the person's posts; without it the first one acts."""

    def authenticate(self, request: Any) -> Any:
        try:
            found = super().authenticate(request)
        except (exceptions.AuthenticationFailed, ValueError):  # ValueError: bytes that are no text
            raise exceptions.AuthenticationFailed("令牌不对或已过期，请重新取令牌。") from None
        if found is None:
            return None
        user, token = found
        if user.password_changed_at and token.created < user.password_changed_at:
            raise exceptions.AuthenticationFailed("密码改过了，这个令牌已失效，请重新取令牌。")
        if user.password_is_due:
            raise exceptions.AuthenticationFailed(PASSWORD_IS_DUE)
        posts = user.open_posts(timezone.localdate())
        wanted = request.headers.get("X-Post", "")
        chosen = [post for post in posts if str(post.pk) == wanted] if wanted else posts[:1]
        if not chosen:
            raise exceptions.AuthenticationFailed("这个岗位不是您的，或已到期。" if wanted else NO_POST)
        request._request.post, request._request.posts = chosen[0], posts
        return found


class SessionInPost(SessionAuthentication):
    """The browser's session, in the post it acts in. What writes needs the CSRF token, as for any page."""

    def authenticate(self, request: Any) -> Any:
        found = super().authenticate(request)
        if found and found[0].password_is_due:
            raise exceptions.AuthenticationFailed(PASSWORD_IS_DUE)
        return found

    def enforce_csrf(self, request: Any) -> None:
        try:
            # Django's own request: looking for the token in a form must not use up the JSON body.
            super().enforce_csrf(request._request)
        except exceptions.PermissionDenied:
            raise exceptions.PermissionDenied(
                "请在请求头 X-CSRFToken 里带上 csrftoken，或改用令牌。", "csrf"
            ) from None

    def authenticate_header(self, request: Any) -> str:
        return "Session"


class HasPost(BasePermission):
    message = NO_POST

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(
            request.user and request.user.is_authenticated and getattr(request._request, "post", None)
        )
