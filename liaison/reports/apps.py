from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "liaison.reports"

    def ready(self) -> None:
        from .issued import making as _  # noqa: F401 — registers its job by being imported
        from .schedules import making as _schedules  # noqa: F401 — likewise
        from .seals import sealing, verifying  # noqa: F401 — likewise
        from .superior import making  # noqa: F401 — likewise
