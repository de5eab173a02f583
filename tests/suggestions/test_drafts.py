"""征求意见稿: published to contact points, answered article by article, decided and summed up by the office."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from docx import Document

from deputies.models import StationAssignment
from liaison.core.models import AuditEntry
from liaison.core.workflow import NotAllowed
from stations.models import Station
from suggestions.articles import Article, put_together, take_apart
from suggestions.models import Draft, DraftStation, Opinion, OpinionPerson
from tests import factories as f

TEXT = """为了规范物业服务，制定本条例。
第一章 总则
第一条 本市的物业服务适用本条例。
第二条　业主委员会每半年公布一次收支。
公布时间不少于十五日。
第二章 附则
第三条之一 本条例自公布之日起施行。"""


@pytest.fixture
def point(people):
    """A legislative contact point below the station of `people.own`."""
    return f.StationFactory(
        area=people.town, code="LF01", name="南关立法联系点", kind=Station.Kind.LEGISLATIVE, parent=people.own
    )


@pytest.fixture
def draft(people, point):
    return f.DraftFactory(area=people.county, stations=[point])


def sent(**fields):
    today = timezone.localdate()
    return {
        "title": "物业管理条例（草案）",
        "kind": "REGULATION",
        "issuer": "区人大常委会",
        "opens_on": today,
        "closes_on": today + timedelta(days=30),
        "text": TEXT,
    } | fields


def opinion_of(draft, **fields):
    article = draft.articles.get(name="第二条")
    return {
        "station": draft.addressed.get().station_id,
        "article": article.pk,
        "kind": "AMEND",
        "text": "半年太久，应每季度公布。",
        "wording": "每季度公布一次",
        "day": timezone.localdate(),
        "name": "田秀兰",
        "phone": "13900005521",
    } | fields


# --- The text ---


def test_a_pasted_text_is_taken_apart_into_articles_and_put_together_again():
    before, articles = take_apart(TEXT)

    assert before == "为了规范物业服务，制定本条例。"
    assert [(one.chapter, one.name) for one in articles] == [
        ("第一章 总则", "第一条"),
        ("第一章 总则", "第二条"),
        ("第二章 附则", "第三条之一"),
    ]
    assert articles[1].text == "业主委员会每半年公布一次收支。\n公布时间不少于十五日。"
    assert take_apart(put_together(articles)) == ("", articles)


def test_a_text_without_articles_is_taken_by_paragraphs():
    before, articles = take_apart("到2030年建成便民中心。\n\n每个街道一处。")

    assert (before, articles) == (
        "",
        [Article("第1段", "到2030年建成便民中心。"), Article("第2段", "每个街道一处。")],
    )
    assert take_apart(put_together(articles))[1] == articles


def test_an_article_that_only_mentions_another_begins_no_new_one():
    _, articles = take_apart("第一条 违反本条例\n依照第二条规定处理。")

    assert [one.name for one in articles] == ["第一条"]


# --- The office ---


@pytest.mark.once
def test_the_office_lays_it_out_publishes_it_and_the_contact_point_finds_it(people, point, as_):
    office = as_(people.office)
    answer = office.post("/drafts/new/", sent(stations=[point.pk]))
    found = Draft.objects.get()
    assert answer.url == found.get_absolute_url()
    assert as_(people.station).get(answer.url).status_code == 404, "not yet published"

    office.post(f"/drafts/{found.pk}/steps/publish/", {"version": found.version})

    assert found.number == f"CA{timezone.localdate():%Y}-001"
    page = as_(people.station).get("/drafts/").content.decode()
    assert "物业管理条例（草案）" in page
    assert "物业管理条例（草案）" in as_(people.station).get("/").content.decode()
    assert "第三条之一" in as_(people.deputy).get(answer.url).content.decode(), "of the station above"
    assert as_(people.station_sibling).get(answer.url).status_code == 404
    assert [entry.action.rsplit(".")[-1] for entry in AuditEntry.objects.of(found)] == [
        "publish", "compose", "enter",
    ]  # fmt: skip


def test_one_form_sent_twice_makes_one_draft(people, point, as_):
    office, form = as_(people.office), sent(stations=[point.pk], idem="k1")
    first, second = office.post("/drafts/new/", form), office.post("/drafts/new/", form)

    assert Draft.objects.count() == 1
    assert first.url == second.url


@pytest.mark.once
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "第一条 甲\n第一条 乙"}, "第一条出现了不止一次，请检查全文。"),
        ({"text": "  \n "}, "请填写。"),
        ({"closes_on": "2020-01-01"}, "截止日期不能早于开始日期。"),
        ({"stations": []}, "请选至少一个站点"),
        ({"title": ""}, "请填写。"),
    ],
)
def test_a_draft_that_is_not_right_is_refused_in_words_and_the_text_stays(
    people, point, as_, fields, sentence
):
    answer = as_(people.office).post("/drafts/new/", sent(**({"stations": [point.pk]} | fields)))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert fields.get("text", "公布时间不少于十五日。").strip() in answer.content.decode()
    assert not Draft.objects.exists()


@pytest.mark.once
def test_before_publishing_it_can_be_changed_and_afterwards_not(people, point, as_):
    office = as_(people.office)
    office.post("/drafts/new/", sent(stations=[point.pk]))
    found = Draft.objects.get()

    office.post(
        f"/drafts/{found.pk}/edit/", sent(text="第一条 就一条。", everywhere="on", version=found.version)
    )
    assert [one.text for one in found.articles.all()] == ["就一条。"]
    assert set(found.addressed.values_list("station__code", flat=True)) == {"PC01", "PC02"}, "open ones alone"
    found.refresh_from_db()
    found.publish(by=people.office)

    assert office.get(f"/drafts/{found.pk}/edit/").status_code == 409
    with pytest.raises(NotAllowed, match="已经发布"):
        found.compose([Article("第一条", "换了")], [point], by=people.office, version=None)
    assert [one.text for one in found.articles.all()] == ["就一条。"]


@pytest.mark.once
def test_what_stands_before_the_first_article_is_kept_with_the_note(people, point, as_):
    office = as_(people.office)
    office.post("/drafts/new/", sent(stations=[point.pk], intro="本月征求。"))
    found = Draft.objects.get()
    assert found.intro == "本月征求。\n为了规范物业服务，制定本条例。"

    fields = {"intro": "下月征求。", "text": "再说一句。\n第一条 就一条。", "version": found.version}
    office.post(f"/drafts/{found.pk}/edit/", sent(stations=[point.pk], **fields))
    found.refresh_from_db()
    assert found.intro == "下月征求。\n再说一句。"


@pytest.mark.once
def test_nothing_is_published_without_articles_stations_or_time(people):
    bare = f.DraftFactory(area=people.county, state=Draft.State.DRAFT)
    with pytest.raises(NotAllowed, match="还没有选站点"):
        bare.publish(by=people.office)
    DraftStation.objects.create(draft=bare, station=people.own)
    bare.articles.all().delete()
    with pytest.raises(NotAllowed, match="还没有条文"):
        bare.publish(by=people.office)
    late = f.DraftFactory(
        area=people.county, state=Draft.State.DRAFT, stations=[people.own], closes_on=f.LONG_AGO
    )
    with pytest.raises(NotAllowed, match="截止日期已经过了"):
        late.publish(by=people.office)


@pytest.mark.once
def test_another_office_reads_it_and_does_not_decide(people, draft):
    with pytest.raises(NotAllowed, match="只能由他们截止"):
        draft.close(by=people.office_city)
    assert Draft.objects.visible_to(people.office_city).exists()
    assert not Draft.objects.visible_to(people.office_other).exists()
    above = f.DraftFactory(area=people.city, stations=[])
    assert above in Draft.objects.visible_to(people.office_other)
    unready = f.DraftFactory(area=people.city, state=Draft.State.DRAFT)
    assert unready not in Draft.objects.visible_to(people.office_other)


def test_time_can_be_given_longer_and_never_shorter(people, draft):
    with pytest.raises(NotAllowed, match="要晚于原来的"):
        draft.extend(by=people.office, note="x", closes_on=draft.closes_on)
    draft.close(by=people.office)
    draft.extend(by=people.office, note="代表要求", closes_on=draft.closes_on + timedelta(days=5))

    assert draft.state == Draft.State.OPEN
    assert draft in Draft.objects.asking(timezone.localdate())


# --- What people say ---


def test_an_opinion_is_taken_down_and_the_next_one_can_follow(people, draft, as_):
    station = as_(people.station)
    answer = station.post(f"/drafts/{draft.pk}/opinions/new/", opinion_of(draft))

    assert answer.url == f"/drafts/{draft.pk}/opinions/new/"
    said = Opinion.objects.get()
    assert said.about() == "第二条"
    assert said.giver.name == "田秀兰"
    assert f"编号 {said.number}。可以接着登记下一条。" in station.get(answer.url).content.decode()
    assert "第二条有 1 条意见" in station.get(draft.get_absolute_url()).content.decode()


@pytest.mark.once
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"day": "2019-12-31"}, "请检查日期"),
        ({"day": "2099-01-01"}, "不能晚于今天"),
        ({"text": ""}, "请填写。"),
        ({"name": "", "phone": "13900005521"}, "请把姓名也填上"),
        ({"phone": "1390000552"}, "手机号少了 1 位"),
        ({"station": "999999"}, "选择一个有效的选项"),
    ],
)
def test_an_opinion_that_is_not_right_is_refused_in_words(people, draft, as_, fields, sentence):
    answer = as_(people.station).post(f"/drafts/{draft.pk}/opinions/new/", opinion_of(draft, **fields))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Opinion.objects.exists()


def test_a_deputy_gives_one_s_own_opinion_at_the_point_below_the_station(people, draft, as_):
    as_(people.deputy).post(f"/drafts/{draft.pk}/opinions/new/", opinion_of(draft))

    said = Opinion.objects.get()
    assert said.mandate == people.deputy.mandate
    assert not OpinionPerson.objects.exists(), "a deputy speaks as a deputy, whatever is sent"
    assert said in Opinion.objects.visible_to(people.deputy)
    assert said not in Opinion.objects.visible_to(people.deputy_colleague)


def test_a_deputy_who_left_gives_no_opinion(people, draft, as_):
    page = as_(people.deputy)
    StationAssignment.objects.filter(mandate=people.deputy.mandate).update(
        to_on=timezone.localdate() - timedelta(days=1)
    )
    assert page.post(f"/drafts/{draft.pk}/opinions/new/", opinion_of(draft)).status_code == 404


@pytest.mark.once
def test_a_suspended_deputy_gives_no_opinion_and_is_not_offered(people, draft, as_):
    station = as_(people.station)
    address, mandate = f"/drafts/{draft.pk}/opinions/new/", people.deputy.mandate
    assert f'value="{mandate.pk}"' in str(station.get(address).context["form"]["mandate"])
    mandate.suspend(timezone.localdate(), by=people.office)

    refused = as_(people.deputy).post(address, opinion_of(draft))
    assert refused.status_code == 409
    assert "不能以代表身份提意见" in refused.content.decode()
    assert f'value="{mandate.pk}"' not in str(station.get(address).context["form"]["mandate"])


def test_an_opinion_is_a_deputy_s_only_on_a_day_of_duty_and_a_correction_keeps_the_deputy(people, draft, as_):
    station, mandate = as_(people.station), people.deputy.mandate
    yesterday = timezone.localdate() - timedelta(days=1)
    person = {"mandate": mandate.pk, "name": "", "phone": ""}
    StationAssignment.objects.filter(mandate=mandate).update(from_on=timezone.localdate())
    early = station.post(f"/drafts/{draft.pk}/opinions/new/", opinion_of(draft, day=yesterday, **person))
    assert early.status_code == 422
    assert "张建国这一天不在这个站点履职" in early.content.decode()

    said = f.OpinionFactory(
        draft=draft, station=draft.addressed.get().station, mandate=mandate, day=yesterday
    )
    page = station.get(f"/opinions/{said.number}/edit/")
    assert f'value="{mandate.pk}" selected' in str(page.context["form"]["mandate"])


@pytest.mark.once
def test_after_the_end_none_comes_in_and_none_is_changed(people, draft, as_):
    said = f.OpinionFactory(draft=draft, station=draft.addressed.get().station)
    draft.close(by=people.office)

    refused = as_(people.station).post(f"/drafts/{draft.pk}/opinions/new/", opinion_of(draft))
    assert refused.status_code == 409
    assert "已截止" in refused.content.decode()
    assert as_(people.station).get(f"/opinions/{said.number}/edit/").status_code == 409
    fresh = Opinion(draft=draft, station=said.station, day=said.day, kind="AGREE", text="好")
    for deed, words in (
        (fresh.take_down, {}),
        (said.void, {"note": "重复"}),
        (said.restore, {"note": "不重复"}),
        (said.correct, {"version": None, "person": None, "text": "改"}),
    ):
        with pytest.raises(NotAllowed, match="不能再登记意见，登记过的也不能再改"):
            deed(by=people.station, **words)
    assert "void" not in as_(people.station).get(said.get_absolute_url()).content.decode()


def test_a_station_that_it_never_went_to_takes_none_down(people, draft):
    said = Opinion(draft=draft, station=people.sibling, day=timezone.localdate(), kind="AGREE", text="好")

    with pytest.raises(NotAllowed, match="没有发到北关街道联络站"):
        said.take_down(by=people.station_sibling)


@pytest.mark.once
def test_who_said_it_is_for_the_station_and_masked_for_others(people, draft, as_):
    as_(people.station).post(f"/drafts/{draft.pk}/opinions/new/", opinion_of(draft))
    number = Opinion.objects.get().number

    assert "田秀兰" in as_(people.station).get(f"/opinions/{number}/").content.decode()
    for who in (people.office, people.office_city, people.auditor):
        page = as_(who).get(f"/opinions/{number}/").content.decode()
        assert "田秀兰" not in page
        assert "13900005521" not in page
        assert "田*" in page


@pytest.mark.once
def test_a_correction_keeps_the_record_and_removes_a_name_that_is_not_wanted(people, draft, as_):
    station = as_(people.station)
    station.post(f"/drafts/{draft.pk}/opinions/new/", opinion_of(draft))
    said = Opinion.objects.get()
    station.post(
        f"/opinions/{said.number}/edit/",
        opinion_of(draft, kind="ADD", name="", phone="", version=said.version),
    )

    said = Opinion.objects.get()
    assert said.kind == "ADD"
    assert said.person() is None
    assert "半年太久" not in str(list(AuditEntry.objects.of(said).values_list("data", flat=True)))


def test_a_voided_opinion_counts_nowhere_and_can_be_put_back(people, draft, as_):
    said = f.OpinionFactory(draft=draft, station=draft.addressed.get().station)
    station = as_(people.station)
    station.post(f"/opinions/{said.number}/void/", {"note": "重复登记", "version": 1})
    assert not Opinion.objects.standing().exists()
    assert "已经作废" in station.get(f"/opinions/{said.number}/edit/").content.decode()
    sent = {"decision": "ADOPTED", "note": "", "version": 2}
    assert as_(people.office).post(f"/opinions/{said.number}/decide/", sent).status_code == 409
    station.post(f"/opinions/{said.number}/void/", {"note": "不是重复", "version": 2})
    assert Opinion.objects.standing().exists()


@pytest.mark.once
def test_the_office_says_what_became_of_it_and_why_not(people, draft, as_):
    said = f.OpinionFactory(draft=draft, station=draft.addressed.get().station)
    office = as_(people.office)
    refused = office.post(f"/opinions/{said.number}/decide/", {"decision": "NOT", "note": "", "version": 1})
    assert refused.status_code == 409
    assert "不采纳要写明理由" in refused.content.decode()

    office.post(f"/opinions/{said.number}/decide/", {"decision": "ADOPTED", "note": "已改", "version": 1})

    said.refresh_from_db()
    assert (said.decision, said.decision_note) == ("ADOPTED", "已改")
    assert "采纳" in as_(people.station).get(f"/opinions/{said.number}/").content.decode()


# --- The summary ---


@pytest.fixture
def said(people, draft):
    station = draft.addressed.get().station
    article = draft.articles.get(name="第二条")
    one = f.OpinionFactory(
        draft=draft, station=station, article=article, text="=HYPERLINK(1)\x0b公示", wording="每季度"
    )
    OpinionPerson.objects.create(opinion=one, name="田秀兰", phone="13900005521")
    f.OpinionFactory(draft=draft, station=station, mandate=people.deputy.mandate, kind="AGREE", text="支持")
    hidden = f.OpinionFactory(
        draft=draft, station=station, article=article, text="保密的话", confidential=True
    )
    OpinionPerson.objects.create(opinion=hidden, name="韩志强")
    return draft


def test_the_workbook_has_a_row_for_each_opinion_by_article_and_runs_nothing(people, said, as_):
    from python_calamine import CalamineWorkbook

    said.opinions.filter(kind="AGREE").update(decision="ADOPTED", decision_note="_x0041_\x0b采纳")
    answer = as_(people.office).get(f"/drafts/{said.pk}/summary.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()

    assert rows[2][:4] == ["条文", "意见编号", "意见", "内容和理由"]
    assert [(row[0], row[3], row[7]) for row in rows[3:]] == [
        ("全文", "支持", "张建国（代表）"),
        ("第二条", "=HYPERLINK(1)公示", "田*"),
        ("第二条", "保密的话", "（要求保密）"),
    ]
    assert rows[3][6] == timezone.localdate()
    assert rows[3][9] == "_x0041_采纳"
    assert AuditEntry.objects.of(said).first().action == "suggestions.draft.export"


@pytest.mark.once
def test_the_document_can_be_edited_on_and_tells_an_auditor_no_confidence(people, said, as_):
    def words(who):
        answer = as_(who).get(f"/drafts/{said.pk}/summary.docx")
        return "\n".join(line.text for line in Document(BytesIO(answer.content)).paragraphs)

    office, auditor = words(people.office), words(people.auditor)
    assert "1 个站点收到意见 3 条，涉及 1 条条文。" in office
    assert "建议修改 2 条，赞成 1 条" in office
    assert "第二条（2 条）" in office
    assert "保密的话" in office
    assert "保密的话" not in auditor
    assert "田秀兰" not in office + auditor


def test_an_unknown_format_is_not_there(people, said, as_):
    assert as_(people.office).get(f"/drafts/{said.pk}/summary.pdf").status_code == 404


@pytest.mark.once
def test_lists_cost_the_same_however_long_they_are(people, draft, as_, django_assert_max_num_queries):
    station = draft.addressed.get().station
    for _ in range(15):
        f.DraftFactory(area=people.county, stations=[station])
        f.OpinionFactory(draft=draft, station=station, mandate=people.deputy.mandate)
    page = as_(people.office)
    for address, most in (
        ("/drafts/", 9),
        (f"/drafts/{draft.pk}/", 13),
        (f"/drafts/{draft.pk}/opinions/", 10),
    ):
        with django_assert_max_num_queries(most):
            assert page.get(address).status_code == 200


@pytest.mark.once
def test_rest_reads_the_same_and_takes_the_same_steps(people, draft, as_):
    f.OpinionFactory(draft=draft, station=draft.addressed.get().station)
    office = as_(people.office)
    found = office.get("/api/v1/drafts/").json()["results"][0]
    assert (found["number"], len(found["articles"])) == (draft.number, 2)
    assert set(found["steps"]) == {"extend", "close", "withdraw"}
    assert (
        office.get(f"/api/v1/opinions/?draft={draft.number}").json()["results"][0]["given_by"]
        == "（不愿留名）"
    )

    closed = office.post(
        f"/api/v1/drafts/{draft.pk}/steps/close/", {"version": 1}, content_type="application/json"
    )
    assert closed.json()["state"] == "CLOSED"
