"""Subqueries that stand by themselves."""

from typing import Any

from django.db.models import QuerySet, Subquery


class Apart(Subquery):
    """`filter(pk__in=Apart(rows))` asks the database the same as `filter(pk__in=rows)`, and is put together faster.

    Django copies a queryset, and everything in it, for each query around it, to give its tables other names: of what is
    nested four deep, as most `visible_to` are, most of the time. `rows` must not speak of the query around them (no
    OuterRef); then they need neither other names nor a copy. Without `values()` they give their primary keys. A subquery
    that stands in one query alone gains little by it.
    """

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        super().__init__(rows)
        self.query.clear_ordering(clear_default=True)
        if not self.query.has_select_fields:
            self.query.clear_select_clause()
            self.query.add_fields(["pk"])

    def get_source_expressions(self) -> list[Any]:
        """Nothing in it is for others to look at."""
        return []

    def set_source_expressions(self, exprs: Any) -> None:
        pass

    def resolve_expression(self, *args: Any, **kwargs: Any) -> "Apart":
        return self

    def relabeled_clone(self, change_map: Any) -> "Apart":
        return self

    def get_group_by_cols(self) -> list[Any]:
        return []
