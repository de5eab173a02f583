from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "liaison.exchange"

    def ready(self) -> None:
        from .exports import making  # noqa: F401 — registers its job by being imported
        from .imports import job  # noqa: F401 — likewise
