from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from .forms import LoginForm, NewPasswordForm
from .models import Post
from .signals import post_switched


class SignOut(LogoutView):
    http_method_names = ["post", "options"]
    next_page = "/"

    def post(self, request, *args, **kwargs):
        """Leave nothing behind in the browser: what it remembers of pages goes. Not its storage, where another
        person's entries may still be waiting for the network."""
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response


logout = SignOut.as_view()


class SignIn(LoginView):
    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        return super().get_context_data(expired=self.request.session.get("expired", False), **kwargs)

    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 422
        return response


def locked(
    request: HttpRequest, response: HttpResponse | None = None, credentials=None, *args, **kwargs
) -> HttpResponse:
    """What a person sees after too many wrong passwords (called by axes)."""
    return TemplateResponse(
        request, "accounts/locked.html", status=429, headers={"Retry-After": "900"}
    ).render()


@sensitive_post_parameters()
def password(request):
    form = NewPasswordForm(request.user, request.POST or None)
    if form.is_valid():
        form.save()
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改。")
        return redirect("/")
    return TemplateResponse(
        request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200
    )


@require_POST
def act(request):
    """Switch the session to another of the person's own posts; never a mixture of two."""
    chosen = next((post for post in request.posts if str(post.pk) == request.POST.get("post")), None)
    if chosen:
        request.session["post_id"] = chosen.pk
        messages.success(request, f"已切换到：{chosen.called}。")
        post_switched.send(sender=Post, request=request, post=chosen)
    else:
        messages.error(request, "这个岗位不是您的，或已到期。")
    return redirect("/")
