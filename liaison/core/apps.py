from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "liaison.core"
    verbose_name = "公共规则"

    def ready(self) -> None:
        from . import checks, signins  # noqa: F401 — registered by being imported
