from django.apps import AppConfig


class BulletinConfig(AppConfig):
    name = "liaison.bulletin"
    verbose_name = "联络动态"
