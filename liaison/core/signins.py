"""Sign-in, sign-out, failed attempts and switches of post go into the record too."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.utils import timezone

from liaison.accounts.models import Post, User, normal_username
from liaison.accounts.signals import post_switched

from .audit import AuditEntry


@receiver(user_logged_in)
def signed_in(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    post = Post.objects.filter(user=user).current(timezone.localdate()).select_related("area", "user").order_by("from_on", "pk")
    AuditEntry.objects.record(user, "login", by=post.first())


@receiver(user_logged_out)
def signed_out(sender: Any, request: Any, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        AuditEntry.objects.record(user, "logout", by=getattr(request, "post", None))


@receiver(user_login_failed)
def refused(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    username = normal_username(str(credentials.get("username", "")))
    user = User.objects.filter(username=username).first() or User(pk=0)
    AuditEntry.objects.record(user, "login_failed", by=None)


@receiver(post_switched)
def switched(sender: Any, request: Any, post: Post, **kwargs: Any) -> None:
    AuditEntry.objects.record(post, "act", by=post)
