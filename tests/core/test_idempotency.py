"""The same form sent twice makes one record, and both get the same answer."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.utils import timezone

from liaison.core.idempotency import OtherBody
from liaison.core.models import OutboxMessage, SentBefore
from tests import factories as f
from tests.core.urls import make

pytestmark = pytest.mark.urls("tests.core.urls")


@pytest.fixture
def station(as_, people):
    return as_(people.station)


def send(client, text="暖气不热", idem="k1", **more):
    return client.post("/tests/make/", {"text": text, "idem": idem, **more})


def made():
    return OutboxMessage.objects.count()


def test_sent_twice_it_is_done_once_and_answered_alike(station):
    first, second = send(station), send(station)

    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"], "an address of any length"
    assert made() == 1


def test_another_key_is_another_deed(station):
    assert send(station)["Location"] != send(station, idem="k2")["Location"]
    assert made() == 2


def test_without_a_key_each_is_done(station):
    send(station, idem="")
    send(station, idem="")
    assert made() == 2


@pytest.mark.parametrize("key", ["k" * 4000, "\0", "编号", "\ud800", "' OR 1=1"])
def test_a_key_may_be_any_text(station, key):
    key = key.encode(errors="surrogatepass").decode(errors="replace")
    send(station, idem=key)
    assert send(station, idem=key).status_code == 302
    assert made() == 1


@pytest.mark.once
def test_a_key_used_for_something_else_is_refused_in_words(station):
    send(station)

    answer = send(station, text="物业不管")

    assert answer.status_code == 422
    assert "这次提交的编号已用于另一份内容。请重新打开页面再填。" in answer.content.decode()
    assert made() == 1


@pytest.mark.once
def test_a_refused_form_can_be_mended_and_sent_again_with_its_key(station):
    assert send(station, text="").status_code == 422
    assert send(station, text="现在不行").status_code == 409
    assert send(station, text="暖气不热").status_code == 302
    assert made() == 1


def test_the_key_of_one_person_says_nothing_of_another(as_, people):
    send(as_(people.station))
    assert send(as_(people.office)).status_code == 302
    assert made() == 2


def test_a_key_belongs_to_the_post_it_was_used_in(as_, people):
    second = f.PostFactory(user=people.station.user, role="OFFICE", area=people.town)
    send(as_(people.station))
    assert send(as_(second)).status_code == 422


@pytest.mark.once
def test_the_token_of_the_page_and_the_order_of_fields_do_not_matter(station):
    send(station, csrfmiddlewaretoken="a")
    assert station.post("/tests/make/", {"idem": "k1", "text": "暖气不热"}).status_code == 302
    assert made() == 1


@pytest.mark.once
def test_the_same_form_at_another_address_is_something_else(station):
    send(station)
    answer = station.post("/tests/make/?activity=2", {"text": "暖气不热", "idem": "k1"})
    assert answer.status_code == 422


@pytest.mark.once
def test_files_are_compared_by_their_content(station):
    def photo(content):
        return SimpleUploadedFile("a.jpg", content, "image/jpeg")

    assert send(station, file=photo(b"one")).status_code == 302
    assert send(station, file=photo(b"one")).status_code == 302
    assert send(station, file=photo(b"two")).status_code == 422
    assert made() == 1


def test_keys_are_forgotten_after_a_week(station):
    send(station)
    now = timezone.now()
    assert SentBefore.forget_old(now + timedelta(days=6)) == 0
    assert SentBefore.forget_old(now + timedelta(days=8)) == 1


@pytest.mark.django_db(transaction=True)
def test_sent_eight_times_at_once_it_is_done_once_and_all_get_the_same_answer(people, several_threads):
    def once():
        request = RequestFactory().post("/tests/make/", {"text": "暖气不热", "idem": "k1"})
        request.user, request.post = people.station.user, people.station
        return make(request)["Location"]

    results = several_threads(*[once] * 8)

    assert len(set(results)) == 1, results
    assert made() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_may_still_do_what_the_first_was_refused(people, several_threads):
    def once(text):
        def run():
            request = RequestFactory().post("/tests/make/", {"text": text, "idem": "k1"})
            request.user, request.post = people.station.user, people.station
            return make(request).status_code

        return run

    results = several_threads(once(""), once("暖气不热"), once(""))

    assert results[1] == 302
    for refused in (results[0], results[2]):  # by its form; or, coming after the good one, by the key
        assert refused == 422 or isinstance(refused, OtherBody)
    assert made() == 1
