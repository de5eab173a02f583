from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "liaison.accounts"
    verbose_name = "区划、账号、岗位"
