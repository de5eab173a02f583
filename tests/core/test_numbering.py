"""Numbers without gaps or doubles, whoever asks at once and whatever fails."""

import pytest
from django.db import transaction

from liaison.core.models import Sequence


def test_a_series_begins_with_one_and_knows_nothing_of_others(db):
    assert [Sequence.objects.next("JD2026") for _ in range(3)] == [1, 2, 3]
    assert Sequence.objects.next("JD2027") == 1


def test_a_number_that_was_not_used_is_handed_out_again(db):
    with transaction.atomic():
        assert Sequence.objects.next("JD2026") == 1
        transaction.set_rollback(True)
    assert Sequence.objects.next("JD2026") == 1


@pytest.mark.django_db(transaction=True)
def test_a_number_belongs_to_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        Sequence.objects.next("JD2026")


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_two_hundred_numbers_without_gap_or_double(several_threads):
    def take(thread):
        def run():
            numbers = []
            for turn in range(25):
                try:
                    with transaction.atomic():
                        number = Sequence.objects.next("JD2026")
                        if (turn + thread) % 5 == 0:
                            raise InterruptedError  # this deed fails after it got its number
                        numbers.append(number)
                except InterruptedError:
                    with transaction.atomic():
                        numbers.append(Sequence.objects.next("JD2026"))
            return numbers

        return run

    results = several_threads(*map(take, range(8)))

    assert sorted(number for numbers in results for number in numbers) == list(range(1, 201))
