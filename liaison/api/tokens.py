"""A token for a program, against username and password; locked out like the sign-in page."""

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from knox.models import get_token_model
from knox.settings import knox_settings
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from liaison.accounts.models import Post, Role, User, normal_username
from liaison.core.rest.callers import NO_POST, PASSWORD_IS_DUE, TokenInPost
from liaison.core.rest.errors import LockedOut, WrongPassword


class PasswordSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=50)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class PostSerializer(serializers.ModelSerializer):
    role = serializers.ChoiceField(Role.choices)
    area = serializers.CharField(source="area.code")

    class Meta:
        model = Post
        fields = ["id", "role", "area", "title"]
        read_only_fields = fields


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField(help_text="放在请求头 Authorization: Token …")
    expires_at = serializers.DateTimeField()
    posts = PostSerializer(many=True, help_text="用请求头 X-Post 选岗位；不写就是第一个")


class TokenView(APIView):
    """令牌：用账号密码换取；用完可以注销。"""

    permission_classes = ()

    def get_authenticators(self) -> list[Any]:
        # Whoever asks for a token is a stranger yet; a session in the same browser has nothing to do with it.
        return [TokenInPost()] if self.request is not None and self.request.method == "DELETE" else []

    @extend_schema(
        request=PasswordSerializer, responses=TokenSerializer, auth=[], operation_id="auth_token_create"
    )
    def post(self, request: Any) -> Response:
        sent = PasswordSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        user = self._who(request._request, **sent.validated_data)
        if user.password_is_due:
            raise exceptions.PermissionDenied(PASSWORD_IS_DUE)
        posts = user.open_posts(timezone.localdate())
        if not posts:
            raise exceptions.PermissionDenied(NO_POST)
        row, token = self._make(user)
        user_logged_in.send(sender=User, request=request._request, user=user)
        answer = {"token": token, "expires_at": row.expiry, "posts": posts}
        return Response(TokenSerializer(answer).data, status=201)

    @extend_schema(
        request=None, responses={204: None}, auth=[{"token": []}], operation_id="auth_token_destroy"
    )
    def delete(self, request: Any) -> Response:
        """注销请求头里的这个令牌。"""
        if request.auth is None:
            raise exceptions.NotAuthenticated
        request.auth.delete()
        user_logged_out.send(sender=User, request=request._request, user=request.user)
        return Response(status=204)

    def _who(self, request: Any, *, username: str, password: str) -> User:
        user = authenticate(request, username=normal_username(username), password=password)
        if getattr(request, "axes_locked_out", False):
            request.axes_locked_out = False  # or the middleware would answer with its page
            raise LockedOut
        if user is None:
            raise WrongPassword
        return user  # type: ignore[return-value]

    def _make(self, user: User) -> tuple[Any, str]:
        """A new token; where a person has too many, the oldest go."""
        tokens = get_token_model().objects
        kept = tokens.filter(user=user).order_by("-created").values_list("pk", flat=True)
        for old in list(kept)[knox_settings.TOKEN_LIMIT_PER_USER - 1 :]:
            tokens.filter(pk=old).delete()
        return tokens.create(user)
