"""What a citizen sees without an account: what is public by office or agreed to, and not a word more."""

import gzip
import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from deputies.models import Deputy
from liaison.core.models import Attachment
from stations.models import StationPhoto, StationRule
from tests import factories as f
from visits.workflow import AttendanceState

pytestmark = pytest.mark.once

PRIVATE = {"phone": "13712345678", "birth": date(1969, 7, 23), "card_no": "DB-880017"}
OPEN = {
    "employer": "雁北机械厂",
    "duty": "三车间主任",
    "occupation": "工程技术员",
    "education": "研究生班",
    "party": "民建会员",
}


def text(response):
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", response.content.decode()))


@pytest.fixture
def someone(people):
    """A deputy of whom everything is filled in."""
    Deputy.objects.filter(pk=people.deputy.deputy.pk).update(**PRIVATE, **OPEN, ethnicity="裕固族")
    return Deputy.objects.get(pk=people.deputy.deputy.pk)


@pytest.fixture
def day(people):
    day = f.ActivityFactory(
        station=people.own, day=timezone.localdate() + timedelta(days=9), theme="冬季供暖"
    )
    f.AttendanceFactory(activity=day, mandate=people.deputy.mandate)
    day.announce(by=people.station)
    return day


def everything(client, deputy):
    """All that a stranger can fetch in which a deputy may stand."""
    places = [
        "/", "/stations/", "/stations/PC01/", "/deputies/", f"/deputies/?q={deputy.name}", f"/deputies/{deputy.pk}/", "/notices/",
        "/notices/?q=南关", f"/deputies/{deputy.pk}/?view=public",
    ]  # fmt: skip
    return "\n".join(client.get(place).content.decode() for place in places)


# --- What may not get out ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "consent", [[], list(OPEN), ["phone", "birth", "card_no", "user", "consent", "ethnicity"]]
)
def test_private_fields_never_get_out_whatever_the_consent_says(client, someone, day, consent):
    Deputy.objects.filter(pk=someone.pk).update(consent=consent)
    page = everything(client, someone)

    assert someone.name in page
    for name in Deputy.PRIVATE_FIELDS:
        value = PRIVATE[name]
        forms = [str(value), value[-4:]] if isinstance(value, str) else ["1969", "7月23日"]
        assert not [form for form in forms if form in page], name
    assert "裕固族" not in page
    assert someone.user.username not in page


def test_the_number_of_a_card_finds_nobody(client, as_, people, someone):
    pages = [client.get(f"/deputies/?q={PRIVATE['card_no']}")]
    for who in ("auditor", "deputy_colleague"):  # they see the deputy, and not the number
        pages += [as_(getattr(people, who)).get(f"/deputies/?text={PRIVATE['card_no']}")]
        pages += [
            as_(getattr(people, who)).get(f"/deputies/options/?field=deputy&deputy={PRIVATE['card_no']}")
        ]
    assert not [page for page in pages if someone.name in page.content.decode()]
    assert someone.name in text(as_(people.office).get(f"/deputies/?text={PRIVATE['card_no']}"))


@pytest.mark.parametrize("name", OPEN)
def test_a_field_is_shown_with_consent_and_only_that_one(client, someone, day, name):
    Deputy.objects.filter(pk=someone.pk).update(consent=[name])
    page = everything(client, someone)
    shown = {other for other, value in OPEN.items() if value in page}
    assert shown == {name}


def test_every_field_that_can_be_agreed_to_is_tried_above(someone):
    assert OPEN.keys() == Deputy.PUBLISHABLE.keys() - {"photo"}


def test_the_parameter_for_the_public_view_shows_staff_what_strangers_see(as_, client, someone, day):
    for who in ("station", "office", "unit", "deputy_other"):
        page = as_(getattr(day_people(someone), who)).get(f"/deputies/{someone.pk}/?view=public")
        assert "13712345678" not in text(page)
        assert "雁北机械厂" not in text(page)


def day_people(someone):
    from types import SimpleNamespace

    from liaison.accounts.models import Post

    named = {"王丽": "station", "县代表工委": "office", "住建局": "unit", "阿依努尔·买买提": "deputy_other"}
    posts = Post.objects.select_related("user", "area")
    return SimpleNamespace(**{key: posts.get(user__name=name) for name, key in named.items()})


# --- Deputies ---------------------------------------------------------------------------------------------------------


def test_a_deputy_is_shown_by_office_with_station_and_days(client, people, day):
    page = text(client.get(f"/deputies/{people.deputy.deputy.pk}/"))
    for part in ("张建国", "南关街道联络站", f"{day.day.month}月{day.day.day}日", "冬季供暖"):
        assert part in page


def test_a_former_deputy_is_told_to_have_left_and_where_to_go(client, people, day):
    people.deputy.mandate.end(timezone.localdate() - timedelta(days=1), "MOVED", by=people.office)
    page = text(client.get(f"/deputies/{people.deputy.deputy.pk}/"))
    assert "该代表已离任" in page
    assert "南关街道联络站" in page
    assert "调离" not in page
    assert "张建国" not in text(client.get("/deputies/"))
    assert "张建国" not in text(client.get("/stations/PC01/")).partition("本站代表")[2]


def test_a_suspended_deputy_receives_nobody_and_nothing_is_said_of_why(client, people, someone):
    Deputy.objects.filter(pk=someone.pk).update(consent=list(OPEN))
    people.deputy.mandate.suspend(timezone.localdate(), by=people.office)
    page = text(client.get(f"/deputies/{someone.pk}/"))
    assert "目前不接待群众" in page
    assert "暂停" not in page
    assert "雁北机械厂" not in page


def test_a_deputy_to_be_is_not_known_yet(client, people):
    people.deputy.mandate.amend(by=people.office, from_on=timezone.localdate() + timedelta(days=30))
    assert client.get(f"/deputies/{people.deputy.deputy.pk}/").status_code == 404


def test_the_directory_is_searched_by_name_and_sound(client, people):
    assert "李秀英" in text(client.get("/deputies/?q=lxy"))
    assert "张建国" not in text(client.get("/deputies/?q=李秀"))
    assert "没找到“无此人”" in text(client.get("/deputies/?q=无此人"))


# --- Stations ---------------------------------------------------------------------------------------------------------


def test_a_station_shows_the_next_day_its_deputies_and_how_to_get_there(client, people, day):
    people.own.amend(by=people.office, phone="0352-2881234", hours="周一至周五 8:30—12:00", brand="板凳议事")
    box = f.StationFactory(
        area=people.town, code="PC0102", name="铁路新村信箱", kind="MAILBOX", parent=people.own
    )
    StationRule.objects.create(
        station=people.own, title="接待制度", text="每月十一日接待。", shown_on=f.LONG_AGO
    )
    response = client.get("/stations/PC01/")
    page = text(response)
    for part in (
        "下次接待日", "冬季供暖", "0352-2881234", "周一至周五", "板凳议事", "西街1号", "本站代表2人", "李秀英", "铁路新村信箱",
        "南关社区联络点", "接待制度", "PC01",
    ):  # fmt: skip
        assert part in page, part
    assert "王丽" not in page  # who keeps the station is not published
    page = text(client.get(f"/stations/{box.code}/"))
    assert "由南关街道联络站开箱登记" in page
    assert "打电话0352-2881234" in page  # of the station that opens it


def test_who_is_on_leave_or_replaced_is_not_announced(client, people, day):
    f.AttendanceFactory(activity=day, mandate=people.deputy_colleague.mandate, state=AttendanceState.LEAVE)
    names = text(client.get("/stations/PC01/")).partition("接待代表：")[2][:20]
    assert "张建国" in names
    assert "李秀英" not in names


def test_an_unannounced_day_is_not_public(client, people):
    f.ActivityFactory(station=people.own, day=timezone.localdate() + timedelta(days=5), theme="还没定的主题")
    for address in ("/", "/stations/PC01/", "/notices/"):
        assert "还没定的主题" not in text(client.get(address))
    assert "还没排下次接待日" in text(client.get("/stations/PC01/"))


def test_a_station_that_rests_or_has_closed_says_where_to_go(client, people, day):
    today = timezone.localdate()
    people.child.amend(by=people.office, suspended_on=today)
    page = text(client.get("/stations/PC0101/"))
    assert "暂停开放" in page
    assert "南关街道联络站" in page

    people.own.amend(by=people.office, closed_on=today, merged_into=people.sibling)
    page = text(client.get("/stations/PC01/"))
    assert "撤并" in page
    assert "有事请到北关街道联络站" in page
    assert "冬季供暖" not in page
    assert "南关街道联络站" not in text(client.get("/stations/"))
    people.sibling.amend(by=people.office, closed_on=today, merged_into=people.own)  # in a circle
    assert client.get("/stations/PC01/").status_code == 200


def test_a_station_that_has_not_opened_is_not_known(client, people):
    people.own.amend(by=people.office, opened_on=timezone.localdate() + timedelta(days=3))
    assert client.get("/stations/PC01/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("南关街道", {"南关街道联络站", "南关社区联络点"}),  # the street
        ("铁路新村", {"南关社区联络点"}),  # the estate, in an address
        ("柳港园", {"南关街道联络站", "南关社区联络点"}),  # a community without a station of its own
        ("云州", {"西坪镇联络站"}),
        ("pc02", {"北关街道联络站"}),
        ("%", set()),
        ("没有这个村", set()),
    ],
)  # fmt: skip
def test_one_finds_the_station_by_where_one_lives(client, people, asked, found):
    f.area("140213001007", "柳港园社区")
    f.area("140215", "云州区")
    people.child.amend(by=people.office, address="铁路新村东门")
    page = text(client.get("/stations/", {"q": asked}))
    everyone = {"南关街道联络站", "南关社区联络点", "北关街道联络站", "西坪镇联络站"}
    assert {name for name in everyone if name in page} == found
    if not found:
        assert f"没找到“{asked}”" in page


def test_photos_are_public_while_they_hang_and_other_files_never(client, people):
    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (8, 6), "white").save(picture, "PNG")
    StationPhoto.objects.show(
        people.own,
        SimpleUploadedFile("a.png", picture.getvalue()),
        caption="大门",
        taken_on=None,
        by=people.station,
    )
    photo = StationPhoto.objects.get()
    address = f"/photos/{photo.attachment.key}/"
    assert address in client.get("/stations/PC01/").content.decode()
    assert client.get(address)["Content-Type"] == "image/jpeg"
    loose = Attachment.objects._keep(people.own, b"secret", "x.jpg", "image/jpeg", by=people.station)
    assert client.get(f"/photos/{loose.key}/").status_code == 404
    photo.withdraw(by=people.station)
    assert client.get(address).status_code == 404


# --- Announced days ---------------------------------------------------------------------------------------------------


def test_moved_and_cancelled_days_are_told_as_such(client, people, day):
    told, later = day.day, day.day + timedelta(days=7)
    day.move(by=people.station, note="下雪", day=later)
    page = text(client.get("/stations/PC01/"))
    assert f"原定{told.month}月{told.day}日" in page
    assert "改期，新的时间正在安排" in page
    assert "下雪" not in page

    day.announce(by=people.station)
    for address in ("/", "/stations/PC01/", f"/deputies/{people.deputy.deputy.pk}/", "/notices/"):
        page = text(client.get(address))
        assert f"{later.month}月{later.day}日" in page
        assert f"改期原定{told.month}月{told.day}日" in page
        assert "接待代表：张建国" in page
        assert "正在安排" not in page

    day.cancel(by=people.station, note="会议室漏水")
    for address in ("/stations/PC01/", "/notices/"):
        page = text(client.get(address))
        assert f"原定{later.month}月{later.day}日" in page
        assert "取消" in page
        assert "漏水" not in page


def test_notices_are_found_by_place_and_month(client, people, day):
    assert "冬季供暖" in text(client.get("/notices/?q=南关"))
    assert "没找到“北关”的接待日" in text(client.get("/notices/?q=北关"))
    month = f"{day.day:%Y-%m}"
    assert "冬季供暖" in text(client.get(f"/notices/?month={month}"))
    assert client.get("/notices/?month=nonsense").status_code == 200


def test_staff_whose_session_ended_come_back_to_the_address_from_its_public_page(client, people):
    page = client.get("/stations/?area=140213").content.decode()
    assert 'href="/login/?next=/stations/%3Farea%3D140213"' in page


# --- Light, quick, and without cookies --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/", "/stations/", "/stations/PC01/", "/deputies/", "/notices/", "/deputies/{}/"]
)
def test_public_pages_set_no_cookie_may_be_kept_for_a_minute_and_are_light(
    client, people, day, django_assert_max_num_queries, address
):
    for n in range(12):
        seat = f.MandateFactory(area=people.town)
        f.AssignmentFactory(mandate=seat, station=people.own)
        more = f.ActivityFactory(
            station=people.own, day=timezone.localdate() + timedelta(days=10 + n), announced=True
        )
        f.AttendanceFactory(activity=more, mandate=seat)
    with django_assert_max_num_queries(14):
        response = client.get(address.format(people.deputy.deputy.pk))
    assert response.status_code == 200
    assert not response.cookies
    assert "max-age=60" in response["Cache-Control"]
    assert "public" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]
    assert (
        len(gzip.compress(response.content)) < 8_000
    )  # beside 8 KB of style and 1 KB of script: far below 30 KB


def test_what_is_shown_to_who_has_signed_in_is_kept_by_nobody(as_, people):
    response = as_(people.station).get("/stations/PC01/?view=public")
    assert response["Cache-Control"] == "no-store"


def test_larger_letters_come_by_cookie_alone(client, people):
    client.post("/size/", {"size": "elder", "next": "/stations/PC01/"})
    assert 'data-size="elder"' in client.get("/stations/PC01/").content.decode()


def test_public_pages_are_read_not_written(client, people):
    for address in ("/stations/", "/stations/PC01/", "/notices/", f"/deputies/{people.deputy.deputy.pk}/"):
        assert client.post(address).status_code == 405
