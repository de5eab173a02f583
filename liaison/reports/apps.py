from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "liaison.reports"

    def ready(self) -> None:
        from .issued import making  # noqa: F401 — registers its job by being imported
