"""What is counted beforehand, and which of it has to be counted again."""

from django.db import models

PATH = 6  # of a county; what belongs to a wider area itself has the path of that, filled up with FILL
FILL = "."


def key_of(path: str) -> str:
    """The county of a record, as tallies name it: 140213 of 140213001, 1402.. of what belongs to the city itself."""
    return path[:PATH].ljust(PATH, FILL)


class Tally(models.Model):
    """The figures of an area in a month: a county's counted from the records, those above added up from below.

    `path` is that of a county, a prefecture, a province, or empty for everything there is.
    """

    path = models.CharField(max_length=PATH)
    month = models.DateField()  # its first day
    # By code; of a median, how many took how many days. What is nothing is left out.
    values = models.JSONField()
    first = models.DateField()  # the days between which everything lies that was counted
    last = models.DateField()
    # Of a province and of everything: the values of each day, by its number. None: not counted since the month was.
    days = models.JSONField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "月度统计数"
        constraints = [
            models.UniqueConstraint(fields=["path", "month"], name="one_tally_an_area_and_month"),
        ]

    def __str__(self) -> str:
        return f"{self.path or '全国'} {self.month:%Y-%m}"


class TallyMark(models.Model):
    """A record of this county and month was written since its tally was made. Written by triggers, in the same transaction.

    There may be many of the same: nobody waits for anybody.
    """

    path = models.CharField(max_length=PATH)
    month = models.DateField()

    class Meta:
        verbose_name = verbose_name_plural = "待重算的月度统计数"
        indexes = [models.Index(fields=["path", "month"], name="tally_marks_of_an_area")]

    def __str__(self) -> str:
        return f"{self.path} {self.month:%Y-%m}"
