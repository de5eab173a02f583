"""Photos of a station: checked, made anew, shown to those who see the station."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image  # noqa: TID253 — a test may be slow to start

from liaison.core.models import Attachment
from stations.models import StationPhoto

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PAGE = "/stations/PC01/photos/"


def photo(name="a.jpg", kind="JPEG", size=(640, 480), **options):
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def bomb():
    """A PNG that says it is 20,000 by 20,000 pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    content = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    return SimpleUploadedFile("bomb.png", content, "image/png")


def add(client, file, **sent):
    return client.post(PAGE, {"caption": "站点正门", "idem": "p"} | sent | {"photo": file})


def test_a_photo_loses_its_place_and_is_shown(as_, people):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (40.0, 5.0, 0.0)}
    client = as_(people.station)
    assert add(client, photo(exif=exif)).status_code == 302
    kept = StationPhoto.objects.get()
    stored = Image.open(BytesIO(kept.attachment.content()))
    assert not stored.getexif()
    assert "站点正门" in client.get(PAGE).content.decode()
    assert "站点正门" in client.get("/stations/PC01/").content.decode()


def test_the_same_photo_sent_twice_is_one(as_, people):
    client = as_(people.station)
    add(client, photo())
    add(client, photo())
    assert StationPhoto.objects.count() == Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>", "image/jpeg"), "不是照片"),
        (lambda: SimpleUploadedFile("a.jpg", photo().read()[:300], "image/jpeg"), "不是照片"),
        (
            lambda: SimpleUploadedFile(
                "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"
            ),
            "不是照片",
        ),
        (lambda: SimpleUploadedFile("a.jpg", b"", "image/jpeg"), "空的"),
        (bomb, "照片"),
    ],
    ids=["script", "cut off", "svg", "empty", "bomb"],
)
def test_what_is_no_photo_is_refused_in_a_sentence(as_, people, make, sentence):
    page = add(as_(people.station), make())
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert "站点正门" in page.content.decode()
    assert not StationPhoto.objects.exists()


# fmt: off
READERS = {
    "office": 200, "office_city": 200, "office_other": 404, "station": 200, "station_child": 404, "station_sibling": 404,
    "station_other": 404, "deputy": 200, "deputy_other": 404, "unit": 404, "auditor": 200, "auditor_other": 404, "admin": 200,
}
# fmt: on


def test_who_sees_the_station_sees_its_photos_and_nobody_else(as_, people):
    add(as_(people.station), photo())
    file = reverse("core:file", args=[StationPhoto.objects.get().attachment.key])
    assert {who: as_(getattr(people, who)).get(file).status_code for who in READERS} == READERS


def test_a_withdrawn_photo_is_given_to_nobody(as_, people):
    client = as_(people.station)
    add(client, photo())
    kept = StationPhoto.objects.get()
    page = reverse("stations:withdraw", args=["PC01", kept.pk])
    assert as_(people.station_sibling).post(page).status_code == 404
    assert as_(people.deputy).post(page).status_code == 403
    assert client.get(page).status_code == 200
    assert "已撤下" in client.post(page, follow=True).content.decode()
    assert client.get(reverse("core:file", args=[kept.attachment.key])).status_code == 404
    assert "站点正门" not in client.get("/stations/PC01/").content.decode().split("变更记录")[0]
    assert client.post(page).status_code == 404
