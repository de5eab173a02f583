"""When a suspension was lifted stood in the record alone; the proposal of a roster reads it from the mandate."""

import re
from datetime import date

from django.db import migrations, models

SAID = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日起恢复")


def read_the_record(apps, schema_editor):
    mandates = apps.get_model("deputies", "Mandate").objects
    entries = apps.get_model("core", "AuditEntry").objects.filter(action="deputies.mandate.resume")
    for key, note in entries.order_by("pk").values_list("object_id", "note"):
        if said := SAID.match(note):
            mandates.filter(pk=key).update(resumed_on=date(*map(int, said.groups())))


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("deputies", "0006_contact_links_by_day")]
    operations = [
        migrations.AddField(
            model_name="mandate",
            name="resumed_on",
            field=models.DateField(editable=False, null=True, verbose_name="恢复执行职务日期"),
        ),
        migrations.RunPython(read_the_record, migrations.RunPython.noop),
    ]
