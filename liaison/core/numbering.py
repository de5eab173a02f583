"""Numbers without gaps or doubles, also when many ask at once."""

from collections.abc import Mapping

from django.db import models, transaction

# One statement, the same on PostgreSQL and SQLite: who comes second waits at the row until the first one's
# transaction has ended.
NEXT = (
    "INSERT INTO core_sequence (name, last) VALUES (%s, 1) "
    "ON CONFLICT (name) DO UPDATE SET last = core_sequence.last + 1 RETURNING last"
)
MANY = (
    "INSERT INTO core_sequence (name, last) VALUES {} "
    "ON CONFLICT (name) DO UPDATE SET last = core_sequence.last + excluded.last RETURNING name, last"
)
REACH = (
    "INSERT INTO core_sequence (name, last) VALUES {} ON CONFLICT (name) DO UPDATE SET last = "
    "CASE WHEN core_sequence.last < excluded.last THEN excluded.last ELSE core_sequence.last END"
)
SERIES_AT_ONCE = 400


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

    def take(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Many numbers of several series: how many of each. Returns the number before the first for each series.

        The rules of `next` hold: inside the transaction that uses them.
        """
        if not transaction.get_connection(self.db).in_atomic_block:
            raise transaction.TransactionManagementError("a number belongs to a transaction")
        before: dict[str, int] = {}
        wanted = sorted(
            counts.items()
        )  # always in one order, so that two who take many never wait for each other
        with transaction.get_connection(self.db).cursor() as cursor:
            for start in range(0, len(wanted), SERIES_AT_ONCE):
                part = wanted[start : start + SERIES_AT_ONCE]
                cursor.execute(
                    MANY.format(", ".join(["(%s, %s)"] * len(part))), [x for one in part for x in one]
                )
                before |= {name: last - counts[name] for name, last in cursor.fetchall()}
        return before

    def reach(self, numbers: Mapping[str, int]) -> None:
        """Numbers of these series came from elsewhere: the next ones handed out are larger."""
        wanted = sorted(numbers.items())
        with transaction.get_connection(self.db).cursor() as cursor:
            for start in range(0, len(wanted), SERIES_AT_ONCE):
                part = wanted[start : start + SERIES_AT_ONCE]
                cursor.execute(
                    REACH.format(", ".join(["(%s, %s)"] * len(part))), [x for one in part for x in one]
                )


class Sequence(models.Model):
    name = models.CharField(max_length=60, unique=True)
    last = models.PositiveBigIntegerField()

    objects = SequenceManager()

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"
