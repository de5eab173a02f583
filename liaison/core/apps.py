from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "liaison.core"

    def ready(self) -> None:
        from . import checks, signins  # noqa: F401 — registered by being imported
