from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReportsConfig(AppConfig):
    name = "liaison.reports"

    def ready(self) -> None:
        from .issued import making as _  # noqa: F401 — registers its job by being imported
        from .schedules import making as _schedules  # noqa: F401 — likewise
        from .seals import sealing, verifying  # noqa: F401 — likewise
        from .superior import making  # noqa: F401 — likewise
        from .tallies.triggers import watch  # the models are there from here on

        post_migrate.connect(watch, sender=self)
