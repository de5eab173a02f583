"""Areas, accounts and posts in the admin: their models lie in the layer below, which knows nothing of the record.

An administrator sees and makes only what lies in the own area, and nothing that would reach beyond it.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from liaison.accounts.areas import BadAreas, check_areas, load_areas
from liaison.accounts.models import Area, Post, User, normal_username

from .admin import ReferenceAdmin
from .audit import AuditEntry
from .forms import clean_person_name
from .places import inside


class AreaForm(forms.ModelForm):
    class Meta:
        model = Area
        fields = ["code", "name", "active"]

    def clean(self) -> Any:
        cleaned = super().clean()
        code = cleaned.get("code", self.instance.code)
        if code and "name" in cleaned:
            try:
                check_areas([(0, (code, cleaned["name"]))])
            except BadAreas as error:
                raise ValidationError([problem.sentence for problem in error.problems]) from None
            if not Area.path_of(code).startswith(self.post.area.path):
                raise ValidationError("只能登记本区划以内的区划。")
        return cleaned

    post: Post


@admin.register(Area)
class AreaAdmin(ReferenceAdmin):
    """A name or a new area takes the way of the loader, so that full names and parents stay right."""

    form = AreaForm
    list_display = ["code", "name", "full_name", "level", "active"]
    list_filter = ["level", "active"]
    search_fields = ["name", "full_name", "code"]
    ordering = ["path"]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.post = request.post
        return form

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["code", "full_name", "level", "source"] if obj else []

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        was = (
            {"active": Area.objects.get(code=obj.code).active}
            if "active" in form.changed_data and change
            else None
        )
        load_areas([(obj.code, obj.name)], source="管理员登记")
        Area.objects.filter(code=obj.code).update(active=obj.active)
        saved = Area.objects.get(code=obj.code)
        obj.__dict__.update({name: value for name, value in saved.__dict__.items() if name != "_state"})
        obj._state.adding = False
        deed = "correct" if change else "enter"
        told = {"fields": list(form.changed_data)}
        AuditEntry.objects.record(saved, deed, by=request.post, data=told, was=was)


def accounts_in_sight(post: Post) -> Any:
    """Accounts with a post in the administrator's area."""
    return User.objects.filter(
        Exists(Post.objects.filter(inside(post.area, "area__path"), user=OuterRef("pk")))
    )


def is_own_to_change(user: User, post: Post) -> bool:
    """May `post` change this account? Only where all its posts lie in the administrator's area: who could set the
    password of somebody who acts above would act above."""
    return not Post.objects.filter(user=user).exclude(inside(post.area, "area__path")).exists()


class AccountForm(forms.ModelForm):
    """A new password given by the administrator has to be changed at the next sign-in."""

    password_1 = forms.CharField(
        label="初始密码",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="本人下次登录时要改掉。不改密码就不填。",
    )

    class Meta:
        model = User
        fields = ["username", "name", "email", "is_active"]

    def clean_username(self) -> str:
        username = normal_username(self.cleaned_data["username"])
        if User.objects.filter(username=username).exclude(pk=self.instance.pk).exists():
            raise ValidationError("这个账号已经有人用了，请换一个。")
        return username

    def clean_name(self) -> str:
        return clean_person_name(self.cleaned_data["name"])

    def clean(self) -> Any:
        cleaned = super().clean()
        password = cleaned.get("password_1")
        if not password and self.instance.pk is None:
            self.add_error("password_1", "请写初始密码。")
        elif password:
            named = User(
                username=cleaned.get("username", self.instance.username), name=cleaned.get("name", "")
            )
            try:
                validate_password(password, named)
            except ValidationError as error:
                self.add_error("password_1", error)
        return cleaned


class PostInline(admin.TabularInline):
    """The first posts of a new account; without one it could do nothing, and nobody here would see it."""

    model = Post
    fields = ["role", "area", "title", "from_on", "to_on"]
    autocomplete_fields = ["area"]
    extra = 0
    min_num = 1
    validate_min = True
    can_delete = False

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return obj is None

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request) & Post.objects.visible_to(request.post)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs["queryset"] = Area.objects.visible_to(request.post)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(User)
class AccountAdmin(ReferenceAdmin):
    form = AccountForm
    inlines = [PostInline]
    list_display = ["username", "name", "is_active", "must_change_password"]
    list_filter = ["is_active"]
    search_fields = ["username", "name"]
    ordering = ["username"]

    def get_queryset(self, request: Any) -> Any:
        return accounts_in_sight(request.post)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:  # type: ignore[override]
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or is_own_to_change(obj, request.post))

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["username"] if obj else []

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if password := form.cleaned_data.get("password_1"):
            obj.set_password(password)
            obj.must_change_password = True
        if not change:
            obj.save()
            obj.area_path = request.post.area.path
        super().save_model(request, obj, form, True) if change else AuditEntry.objects.record(
            obj, "enter", by=request.post
        )

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for post in formset.new_objects:
            AuditEntry.objects.record(
                post, "enter", by=request.post, data={"role": post.role, "area": post.area.code}
            )


@admin.register(Post)
class PostAdmin(ReferenceAdmin):
    """What an account may do. A post is ended by its last day, never deleted."""

    list_display = ["user", "role", "area", "title", "from_on", "to_on"]
    list_filter = ["role"]
    list_select_related = ["user", "area"]
    search_fields = ["user__username", "user__name", "title"]
    autocomplete_fields = ["user", "area"]
    ordering = ["area__path", "pk"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ["user", "role", "area"] if obj else []

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:  # type: ignore[override]
        own = obj is not None and obj.user_id == request.user.pk
        return super().has_change_permission(request, obj) and not own

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Nobody gives posts to oneself: that is for another administrator."""
        if db_field.name == "user":
            kwargs["queryset"] = accounts_in_sight(request.post).exclude(pk=request.user.pk)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
