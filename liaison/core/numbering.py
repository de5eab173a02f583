"""Numbers without gaps or doubles, also when many ask at once."""

from django.db import models, transaction
from django.db.models import F


class SequenceManager(models.Manager["Sequence"]):
    def next(self, name: str) -> int:
        """The next number of the series `name`, from 1.

        Must be called inside the transaction that uses the number: the row stays locked until it ends, so a number
        is handed out again if the transaction fails, and to nobody else before it ends.
        """
        if not transaction.get_connection(self.db).in_atomic_block:
            raise transaction.TransactionManagementError("a number belongs to a transaction")
        rows = self.filter(name=name)
        if not rows.update(last=F("last") + 1):
            self.bulk_create([Sequence(name=name, last=0)], ignore_conflicts=True)
            rows.update(last=F("last") + 1)
        return rows.values_list("last", flat=True).get()


class Sequence(models.Model):
    name = models.CharField(max_length=60, unique=True)
    last = models.PositiveBigIntegerField()

    objects = SequenceManager()

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"
