"""Photos are checked by content, stripped, kept privately and given only to those who see their owner."""

import stat
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from liaison.core.files import NOT_A_PHOTO, clean_photo
from liaison.core.models import Attachment, AuditEntry
from tests import factories as f


def image(kind="JPEG", size=(60, 40), mode="RGB", color=None, **options):
    from PIL import Image

    out = BytesIO()
    Image.new(mode, size, color or ("red" if mode == "RGB" else None)).save(out, kind, **options)
    return out.getvalue()


def upload(content, name="a.jpg", content_type="image/jpeg"):
    return SimpleUploadedFile(name, content, content_type)


def opened(content):
    from PIL import Image

    return Image.open(BytesIO(content))


def with_place():
    """A photo as phones make them: lying on its side, with the place and the owner's name in it."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B] = "田秀兰"
    exif.get_ifd(0x8825)[2] = (40.0, 5.0, 11.0)
    return image(exif=exif, comment=b"canary-7421")


@pytest.mark.once
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photos_become_a_jpeg_of_bounded_size(kind):
    made = opened(clean_photo(upload(image(kind, (4000, 1000)))))
    assert made.format == "JPEG"
    assert made.size == (1920, 480)


def test_what_a_phone_writes_into_a_photo_is_gone_and_it_stands_upright():
    made = clean_photo(upload(with_place()))
    assert opened(made).size == (40, 60)
    assert not opened(made).getexif()
    for trace in (b"canary-7421", "田秀兰".encode(), b"Exif", b"GPS"):
        assert trace not in made


def test_what_is_hung_on_behind_or_before_the_pixels_is_gone():
    made = clean_photo(upload(image() + b"<?php system($_GET[0]); ?><script>alert(1)</script>PK\x03\x04"))
    for trace in (b"<?php", b"<script", b"PK\x03\x04"):
        assert trace not in made


def test_transparent_becomes_white_and_not_black():
    made = opened(clean_photo(upload(image("PNG", mode="RGBA", color=(0, 0, 0, 0)))))
    assert min(made.getpixel((5, 5))) > 250


@pytest.mark.parametrize("mode", ["L", "P", "LA", "CMYK", "1", "I;16"])
def test_every_kind_of_pixel_is_taken(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(clean_photo(upload(image(kind, mode=mode, color=0)))).mode == "RGB"


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width, height):
    """The header of a PNG that claims to be so large; the whole file is a few bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


NO_PHOTOS = {
    "empty": b"",
    "a text": "不是照片".encode(),
    "a page": b"<html><script>alert(1)</script></html>",
    "a drawing with script": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a program": b"\x7fELF" + b"\0" * 100,
    "an archive": b"PK\x03\x04" + b"\0" * 100,
    "a paper": b"%PDF-1.7\n",
    "half a photo": image(size=(600, 400))[:500],
    "a header alone": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "a GIF": image("GIF"),
    "a bitmap": image("BMP"),
    "a page with a photo's beginning": b"\xff\xd8\xff<script>alert(1)</script>",
    "too few pixels for its size": png_of(900, 900),
}


@pytest.mark.parametrize("what", NO_PHOTOS)
def test_what_is_no_photo_is_refused_whatever_its_name(what):
    with pytest.raises(ValidationError) as refusal:
        clean_photo(upload(NO_PHOTOS[what]))
    assert refusal.value.messages == [NOT_A_PHOTO]


def test_half_a_photo_is_refused_also_after_a_paper_was_printed(monkeypatch):
    from PIL import ImageFile

    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(ValidationError):
        clean_photo(upload(png_of(900, 900)))


@pytest.mark.parametrize("size", [(8000, 7000), (60000, 60000), (2**31 - 1, 2**31 - 1)])
def test_a_few_bytes_that_would_unfold_to_gigabytes_are_refused_at_the_header(size):
    with pytest.raises(ValidationError, match="照片"):
        clean_photo(upload(png_of(*size)))


def test_more_than_ten_megabytes_are_refused_before_they_are_read():
    with pytest.raises(ValidationError, match="照片超过 10 MB"):
        clean_photo(upload(b"\0" * (10 * 1024 * 1024 + 1)))


def test_a_refused_photo_leaves_nothing_behind(people):
    with pytest.raises(ValidationError):
        Attachment.objects.keep_photo(people.own, upload(b"x"), by=people.station)
    assert not Attachment.objects.exists()
    assert not AuditEntry.objects.filter(action__endswith="attach").exists()


# --- Kept and given out ---


@pytest.fixture
def photo(people):
    return Attachment.objects.keep_photo(people.own, upload(image(), "田秀兰.jpg"), by=people.station)


def path_of(photo):
    return Path(photo.file.path)


def test_it_is_kept_under_a_name_that_nobody_can_guess_for_the_program_alone(photo):
    assert path_of(photo).name == str(photo.key)
    assert stat.S_IMODE(path_of(photo).stat().st_mode) == 0o600
    assert stat.S_IMODE(path_of(photo).parent.stat().st_mode) == 0o700


def test_keeping_it_is_recorded_at_its_owner_without_its_name(photo, people):
    entry = AuditEntry.objects.of(people.own).first()
    assert entry.action == "stations.station.attach"
    assert entry.data == {"file": str(photo.key), "sha256": photo.sha256}


@pytest.mark.once
@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("station", True), ("office", True), ("office_city", True), ("deputy", True), ("auditor", True),
        ("station_sibling", False), ("station_other", False), ("office_other", False), ("deputy_other", False),
        ("unit", False),
    ],
)  # fmt: skip
def test_who_sees_the_owner_sees_the_photo(as_, people, photo, who, sees):
    answer = as_(getattr(people, who)).get(f"/files/{photo.key}/")
    assert answer.status_code == (200 if sees else 404)
    assert (b"JFIF" in answer.content) is sees


def test_a_photo_can_do_nothing_in_a_browser_but_be_seen(as_, people, photo):
    answer = as_(people.station).get(f"/files/{photo.key}/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert str(photo.key) in answer["Content-Disposition"]


def test_a_stranger_is_sent_to_sign_in(client, photo):
    answer = client.get(f"/files/{photo.key}/")
    assert answer["Location"].startswith("/login/")


@pytest.mark.once
def test_a_changed_byte_is_noticed_and_the_file_not_given(as_, people, photo):
    content = bytearray(path_of(photo).read_bytes())
    content[len(content) // 2] ^= 1
    path_of(photo).write_bytes(content)

    answer = as_(people.station).get(f"/files/{photo.key}/")

    assert answer.status_code == 410
    assert "这个文件已损坏，没有给出。请联系管理员。" in answer.content.decode()


def test_a_lost_file_is_told_in_words(as_, people, photo):
    path_of(photo).unlink()
    assert as_(people.station).get(f"/files/{photo.key}/").status_code == 410


def test_a_withdrawn_photo_is_gone(as_, people, photo):
    Attachment.objects.update(withdrawn_at="2026-03-01T10:00:00Z")
    assert as_(people.station).get(f"/files/{photo.key}/").status_code == 404
    assert not Attachment.objects.of(people.own).exists()


def test_who_has_lost_the_right_has_lost_the_file(as_, people, photo):
    client = as_(people.station)
    people.station.to_on = f.LONG_AGO
    people.station.save()
    assert client.get(f"/files/{photo.key}/").status_code in (403, 404)


def test_the_address_cannot_be_written_to(as_, people, photo):
    assert as_(people.station).post(f"/files/{photo.key}/").status_code == 405
    assert as_(people.station).head(f"/files/{photo.key}/").content == b""
