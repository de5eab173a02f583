"""manage.py draw_workflows: the workflow tables as a page of documentation (docs/workflows.md is its output)."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from liaison.accounts.models import Role
from liaison.core.workflow import Moving

HEAD = """# What may happen, step by step

Made from the tables in `*/workflow.py` by `manage.py draw_workflows > docs/workflows.md`; a test compares the two. A step
without anybody under “who” is brought about by another thing's step. `·` under “to”: the state stays.
"""


class Command(BaseCommand):
    help = "把各类流程表写成一页说明（docs/workflows.md）。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(drawn(), ending="")


def drawn() -> str:
    """The page: for each kind of thing that moves its states as a diagram, and its steps as a table."""
    models: list[Any] = [model for model in apps.get_models() if issubclass(model, Moving) and model.FLOW]
    return HEAD + "".join(_section(model) for model in sorted(models, key=lambda model: model._meta.label))


def _section(model: Any) -> str:
    states = dict(model._meta.get_field("state").choices)
    lines = ["", f"## {model._meta.verbose_name} ({model._meta.label})", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {state}: {states[state]}" for state in states]
    for name, row in model.FLOW.items():
        lines += [f"    {source} --> {row.target}: {name}" for source in row.sources if row.target]
    lines += ["```", "", "| step | 名称 | who | from | to |", "|---|---|---|---|---|"]
    for name, row in model.FLOW.items():
        who = "、".join(Role(role).label if role in Role.values else "本人" for role in row.roles)
        sources = "、".join(states[source] for source in row.sources)
        lines.append(
            f"| `{name}` | {row.label} | {who} | {sources} | {states[row.target] if row.target else '·'} |"
        )
    return "\n".join([*lines, ""])
