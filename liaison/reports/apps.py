from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "liaison.reports"

    def ready(self) -> None:
        from .issued import making as _  # noqa: F401 — registers its job by being imported
        from .superior import making  # noqa: F401 — likewise
