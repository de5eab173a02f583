"""Who people are: areas, users, and the posts in which they act."""

import unicodedata
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from .signals import password_changed

PASSWORDS_REMEMBERED = 5
COUNTY_PATH, TOWN_PATH = 6, 9  # lengths of the paths of counties and of townships


class AreaQuerySet(models.QuerySet["Area"]):
    def within(self, area: "Area") -> "AreaQuerySet":
        """The area itself and everything below it."""
        return self.filter(path__startswith=area.path)

    def above(self, area: "Area") -> "AreaQuerySet":
        """The area itself and everything above it, from the province down."""
        return self.filter(path__in=area.path_and_above).order_by("path")

    def visible_to(self, post: "Post | None") -> "AreaQuerySet":
        """The areas that `post` may choose from: its own and those below."""
        return self.within(post.area) if post else self.none()


def paths_to(path: str) -> list[str]:
    """The paths of the area at `path` and of all above it, the highest first: "" (the nation), 14, 1402, 140213 …"""
    return [path[:length] for length in (0, 2, 4, 6, 9, 12) if length <= len(path)]


class Area(models.Model):
    """An administrative area. `path` is the code without its trailing zero groups, so "inside" is `startswith`.

    The nation, where an installation has it, is the code of zeros with an empty path: everything is inside.
    """

    class Level(models.TextChoices):
        NATION = "NATION", "全国"
        PROVINCE = "PROVINCE", "省级"
        PREFECTURE = "PREFECTURE", "地级"
        COUNTY = "COUNTY", "县级"
        TOWNSHIP = "TOWNSHIP", "乡级"
        COMMUNITY = "COMMUNITY", "村级"

    LEVEL_BY_PATH_LENGTH = {
        0: Level.NATION,
        2: Level.PROVINCE,
        4: Level.PREFECTURE,
        COUNTY_PATH: Level.COUNTY,
        TOWN_PATH: Level.TOWNSHIP,
        12: Level.COMMUNITY,
    }

    code = models.CharField("代码", max_length=12, unique=True)
    path = models.CharField(max_length=12, unique=True, editable=False)
    name = models.CharField("名称", max_length=50)
    full_name = models.CharField("全称", max_length=200, editable=False)
    level = models.CharField("级别", max_length=10, choices=Level.choices, editable=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", editable=False
    )
    active = models.BooleanField("在用", default=True)
    source = models.CharField("来源", max_length=100, blank=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划"

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def path_of(code: str) -> str:
        """The code without its trailing zero groups: 140213000000 → 140213."""
        for length in (0, 2, 4, 6, 9):
            if set(code[length:]) <= {"0"}:
                return code[:length]
        return code

    @property
    def path_and_above(self) -> list[str]:
        return paths_to(self.path)

    def covers(self, other: "Area") -> bool:
        return other.path.startswith(self.path)


class Role(models.TextChoices):
    OFFICE = "OFFICE", "人大机关"
    STATION = "STATION", "联络站"
    DEPUTY = "DEPUTY", "代表"
    UNIT = "UNIT", "承办单位"
    AUDITOR = "AUDITOR", "审计"
    ADMIN = "ADMIN", "管理员"


def normal_username(username: str) -> str:
    """One spelling for each name: `Zhang` and full-width `ｚｈａｎｇ` are `zhang`. No longer than attempts are kept with."""
    return unicodedata.normalize("NFKC", username).strip().casefold()[:255]


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=normal_username(username), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=normal_username(username or ""))


class User(AbstractBaseUser):
    """An account: a natural person who signs in. What the person may do stands in the posts."""

    username = models.CharField("账号", max_length=50, unique=True)
    name = models.CharField("姓名", max_length=50)
    email = models.EmailField("邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=True)
    password_changed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.username = normal_username(self.username)
        super().save(*args, **kwargs)

    @property
    def password_is_due(self) -> bool:
        """Must the password be changed before anything else? (First sign-in, or older than the profile allows.)"""
        if self.must_change_password or self.password_changed_at is None:
            return True
        longest: timedelta = settings.PASSWORD_MAX_AGE
        return bool(longest) and timezone.now() - self.password_changed_at > longest

    def open_posts(self, on: date) -> list["Post"]:
        """The posts in which the person may act on a day, with their areas; the first one acts where none is chosen.

        Every request asks. So the question is written out, in a quarter of the time that Django takes to put it together;
        and nobody has many posts: which are open is looked at here.
        """
        names = [field.attname for field in Area._meta.concrete_fields]
        columns = ", ".join(f"area.{name} AS area__{name}" for name in names)
        posts: list[Post] = list(
            Post.objects.raw(
                f"SELECT post.*, {columns} FROM accounts_post post"  # noqa: S608 — names of our own columns
                " JOIN accounts_area area ON area.id = post.area_id WHERE post.user_id = %s",
                [self.pk],
            )
        )
        for post in posts:
            post.user = self
            post.area = Area.from_db(
                post._state.db, names, [post.__dict__.pop(f"area__{name}") for name in names]
            )
        return sorted(
            (post for post in posts if post.is_current(on)), key=lambda post: (post.from_on, post.pk)
        )

    def change_password(self, password: str) -> None:
        """Set a password that the person chose. Tokens end with the old one, and so do other sessions.

        The last five are kept as hashes, so that they are not used again.
        """
        self.set_password(password)
        self.must_change_password = False
        self.password_changed_at = timezone.now()
        with transaction.atomic():
            self.save()
            self.used_passwords.create(password=self.password)
            newest = self.used_passwords.order_by("-set_at", "-pk").values_list("pk", flat=True)
            self.used_passwords.exclude(pk__in=list(newest[:PASSWORDS_REMEMBERED])).delete()
            password_changed.send(sender=User, user=self)


class UsedPassword(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="used_passwords")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"

    def __str__(self) -> str:
        return f"{self.user} {self.set_at:%Y-%m-%d}"


class PostQuerySet(models.QuerySet["Post"]):
    def current(self, on: date) -> "PostQuerySet":
        return self.filter(Q(from_on__lte=on) & (Q(to_on=None) | Q(to_on__gte=on)))

    def visible_to(self, post: "Post | None") -> "PostQuerySet":
        """The posts that an administrator may see and give: those in the area."""
        if post is None or post.role != Role.ADMIN:
            return self.none()
        return self.filter(area__path__startswith=post.area.path)


class Post(models.Model):
    """The capacity in which a user acts: a role in an area, from a day to a day.

    Upper layers tie a post to a station or a department; a deputy is tied through the user. Access, steps and the
    audit trail see the post, never the bare user: one person may be head of a station and a deputy.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name="账号")
    role = models.CharField("岗位", max_length=10, choices=Role.choices)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区划")
    title = models.CharField("职务名称", max_length=50, blank=True, help_text="如：代表工委干事、联络员")
    from_on = models.DateField("起始日期")
    to_on = models.DateField("终止日期", null=True, blank=True, help_text="不填表示仍在岗")

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")),
                name="post_ends_after_it_begins",
                violation_error_message="终止日期不能早于起始日期。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user.name}（{self.called}）"

    @property
    def called(self) -> str:
        """Where and as what: `平城区 审计人员`. A title that begins with the place is not told it twice."""
        title = self.title or self.get_role_display()
        return title if title.startswith(self.area.name) else f"{self.area.name} {title}"

    def is_current(self, on: date) -> bool:
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)

    def goes_on(self, on: date) -> bool:
        """Is the post held, by somebody whose account is in use? What runs in its name runs as long."""
        return self.is_current(on) and self.user.is_active
