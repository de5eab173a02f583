"""Numbers without gaps or doubles, also when many ask at once."""

from django.db import models, transaction

# One statement, the same on PostgreSQL and SQLite: who comes second waits at the row until the first one's
# transaction has ended.
NEXT = (
    "INSERT INTO core_sequence (name, last) VALUES (%s, 1) "
    "ON CONFLICT (name) DO UPDATE SET last = core_sequence.last + 1 RETURNING last"
)


class SequenceManager(models.Manager["Sequence"]):
    def next(self, name: str) -> int:
        """The next number of the series `name`, from 1.

        Must be called inside the transaction that uses the number: the row stays locked until it ends, so a number
        is handed out again if the transaction fails, and to nobody else before it ends.
        """
        if not transaction.get_connection(self.db).in_atomic_block:
            raise transaction.TransactionManagementError("a number belongs to a transaction")
        with transaction.get_connection(self.db).cursor() as cursor:
            cursor.execute(NEXT, [name])
            return int(cursor.fetchone()[0])


class Sequence(models.Model):
    name = models.CharField(max_length=60, unique=True)
    last = models.PositiveBigIntegerField()

    objects = SequenceManager()

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"
