from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.crypto import get_random_string

from liaison.accounts.models import Area, Post, Role, User, normal_username


class Command(BaseCommand):
    help = "建立第一个管理员账号，打印一次性初始密码（首次登录须修改）。"

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", default="系统管理员")
        parser.add_argument("--area", required=True, help="管理员所属区划代码，如 140200000000")

    def handle(self, *, username, name, area, **options):
        place = Area.objects.filter(code=area.ljust(12, "0")).first()
        if place is None:
            raise CommandError(f"没有区划 {area}。先用 load_areas 载入区划。")
        if User.objects.filter(username=normal_username(username)).exists():
            raise CommandError(f"账号 {username} 已经有了，换一个账号名。")
        password = get_random_string(16)
        user = User.objects.create_user(username, password, name=name)
        Post.objects.create(user=user, role=Role.ADMIN, area=place, from_on=timezone.localdate())
        self.stdout.write(f"已建立管理员 {user.username}，初始密码 {password}，首次登录须修改。")
