"""Indexes of what requests say (PostgreSQL), and of orders in the order of their lists.

Without them a million texts or orders are read for one page.
"""

from django.db import migrations, models

from liaison.core.indexes import AddIndex, index_of_pairs

OPEN = models.Q(("state__in", ("ISSUED", "ACCEPTED", "RETURN_ASKED")))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("core", "0009_pairs_of_characters"),
        ("suggestions", "0011_papers_of_suggestions"),
    ]
    operations = [
        index_of_pairs("requests_by_phrases", "suggestions_request", "title", "text"),
        AddIndex("order", models.Index(condition=OPEN, fields=["due_on", "id"], name="orders_by_urgency")),
        AddIndex("order", models.Index(fields=["issued_on", "id"], name="orders_by_day")),
        AddIndex("order", models.Index(fields=["area_path", "issued_on", "id"], name="orders_of_an_area")),
        AddIndex(
            "order",
            models.Index(fields=["department", "issued_on", "id"], name="orders_of_a_department_by_day"),
        ),
    ]
