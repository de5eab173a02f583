"""An index of what requests say, on PostgreSQL: without one a phrase is sought in a million texts one after another."""

from django.db import migrations

from liaison.core.phrases import index_of_pairs


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("core", "0008_pairs_of_characters"),
        ("suggestions", "0009_suggestions_of_deputies"),
    ]
    operations = index_of_pairs("requests_by_phrases", "suggestions_request", "title", "text")
