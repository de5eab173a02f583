"""Sign-in, sign-out, failed attempts, changed passwords and switches of post go into the record too."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.utils import timezone
from knox.models import AuthToken

from liaison.accounts.models import Post, User, normal_username
from liaison.accounts.signals import password_changed, post_switched

from .audit import AuditEntry


def _record(deed: str, user: User, post: Post | None = None) -> None:
    """In the post of the session, or in the first one, where the person has one."""
    by = post or next(iter(user.open_posts(timezone.localdate())), None)
    AuditEntry.objects.record(user, deed, by=by, actor=str(user))


@receiver(user_logged_in)
def signed_in(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    _record("login", user)


@receiver(user_logged_out)
def signed_out(sender: Any, request: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        _record("logout", user, getattr(request, "post", None))


@receiver(user_login_failed)
def refused(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    """The account that was tried, where there is one. What was typed is not kept: it may be a password."""
    username = normal_username(str(credentials.get("username", "")))
    user = User.objects.filter(username=username).first() or User(pk=0)
    post = next(iter(user.open_posts(timezone.localdate())), None)
    where = post.area.path if post else ""
    AuditEntry.objects.record(user, "login_failed", by=None, actor="未登录", area_path=where)


@receiver(password_changed)
def changed(sender: Any, user: User, **kwargs: Any) -> None:
    """What was given out for the old password ends with it. (Sessions do so by themselves: they hold its hash.)"""
    AuthToken.objects.filter(user=user).delete()
    _record("password", user)


@receiver(post_switched)
def switched(sender: Any, request: Any, post: Post, **kwargs: Any) -> None:
    AuditEntry.objects.record(post, "act", by=post)
