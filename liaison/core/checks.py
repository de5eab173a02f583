"""House rules, checked at every start."""

from typing import Any

from django.apps import apps
from django.core.checks import Error, register

from .workflow import Moving


@register()
def every_step_has_its_method(app_configs: Any, **kwargs: Any) -> list[Error]:
    errors = []
    for model in apps.get_models():
        if not issubclass(model, Moving):
            continue
        meta: Any = model._meta
        states = set(dict(meta.get_field("state").flatchoices))
        for name, row in model.FLOW.items():
            if not getattr(getattr(model, name, None), "is_step", False):
                errors.append(
                    Error(f"{model.__name__}.FLOW names the step “{name}”, which has no method marked @step.")
                )
            unknown = {*row.sources, *([row.target] if row.target else [])} - states
            if unknown:
                errors.append(
                    Error(f"{model.__name__}.FLOW, step “{name}”: no such state {sorted(unknown)}.")
                )
    return errors


@register()
def what_is_of_record_says_who_sees_it(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [
        Error(f"{model.__name__} is of record, but its manager has no visible_to().")
        for model in apps.get_models()
        if hasattr(model, "PRIVATE_FIELDS") and not hasattr(model._default_manager, "visible_to")
    ]
