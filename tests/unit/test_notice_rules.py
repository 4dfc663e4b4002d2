"""Rules of officers' notices: texts, lock screens, who may release."""

import datetime
import uuid

import pytest

from services.core.errors import Invalid
from services.members.types import Standing
from services.notifications.notices import audience, errors, rules
from services.notifications.notices.types import Draft, Readers, UsedShop
from services.unions.types import UnionId

NOW = datetime.datetime(2026, 11, 22, 4, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def draft(**said: object) -> Draft:
    given = {"title": {"zh": "周六放电影"}, "body": {"zh": "14:00 开始。"}, **said}
    return Draft(UnionId(uuid.UUID(int=7)), **given)  # type: ignore[arg-type]


def code_of(said: Draft) -> tuple[str, object]:
    with pytest.raises(Invalid) as caught:
        rules.checked(said, now=NOW)
    return caught.value.code, caught.value.facts["field"]


def test_texts_are_tidied_and_paragraphs_stay() -> None:
    said = rules.checked(
        draft(title={"zh": " 周六\x00 放电影\n", "en": " "}, body={"zh": "一\r\n\r\n\r\n\r\n二 \x07三"}), now=NOW
    )
    assert said.title == {"zh": "周六 放电影"}
    assert said.body == {"zh": "一\n\n二 三"}


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        (draft(title={"zh": "字" * 41}), errors.NOTICE_TITLE_LENGTH, "title"),
        (draft(title={"en": "Film"}), errors.NOTICE_TITLE_LENGTH, "title"),
        (draft(title={"zh": "字", "en": "w" * 121}), errors.NOTICE_TITLE_LENGTH, "title_en"),
        (draft(body={"zh": "字" * 601}), errors.NOTICE_BODY_LENGTH, "body"),
        (draft(body={"zh": " \n "}), errors.NOTICE_BODY_LENGTH, "body"),
        (draft(body={"zh": "字", "en": "w" * 1801}), errors.NOTICE_BODY_LENGTH, "body_en"),
        (draft(send_at=NOW - HOUR), errors.NOTICE_TIME_WRONG, "send_at"),
        (draft(send_at=NOW + 61 * 24 * HOUR), errors.NOTICE_TIME_WRONG, "send_at"),
        (draft(readers=Readers(act=UsedShop(uuid.UUID(int=1), 0))), errors.NOTICE_DAYS_WRONG, "days"),
        (draft(readers=Readers(act=UsedShop(uuid.UUID(int=1), 181))), errors.NOTICE_DAYS_WRONG, "days"),
        (draft(readers=Readers(act=UsedShop(uuid.UUID(int=1), 9)), sms=True), errors.NOTICE_ONE_WAY, "sms"),
        (draft(readers=Readers(act=UsedShop(uuid.UUID(int=1), 9)), mass=True), errors.NOTICE_ONE_WAY, "sms"),
        (draft(title={"zh": "困难补助到账"}, sms=True), errors.NOTICE_TITLE_PRIVATE, "title"),
        (draft(title={"zh": "字" * 36}, sms=True), errors.NOTICE_TITLE_SMS_LENGTH, "title"),
        (draft(title={"zh": "报名请打 100 1234 5678"}, sms=True), errors.NOTICE_TITLE_SMS, "title"),
        (draft(title={"zh": "电影", "en": "See example.com/film"}, sms=True), errors.NOTICE_TITLE_SMS, "title"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_its_field(said: Draft, code: str, field: str) -> None:
    assert code_of(said) == (code, field)


def test_the_longest_texts_are_taken() -> None:
    said = draft(title={"zh": "字" * 40, "en": "w" * 120}, body={"zh": "字" * 600, "en": "w" * 1800})
    assert rules.checked(said, now=NOW) == said


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("困难职工请看", "困难"),
        ("大病互助怎么领", "病"),
        ("每人 200 元", "200 元"),
        ("五百块电影券", "五百块"),
        ("￥50 到账", "￥"),
        ("元旦放假安排", None),
        ("住房补贴怎么领", "补贴"),
        ("高温津贴", "津贴"),
        ("失业登记", "失业"),
        ("丧葬费", "丧葬"),
        ("年终奖金", "奖金"),
        ("伍佰元整", "伍佰元"),
        ("每户叁仟圆", "叁仟圆"),
        ("Heat allowance", "allowance"),
        ("丧尸电影节", None),
        ("伍佰演唱会", None),
        ("奖状和金牌", None),
        ("一块儿去爬山", None),
        ("周六放电影", None),
        ("Aid for you", "Aid"),
        ("He said hello", None),
    ],
)
def test_a_title_that_a_lock_screen_should_not_show_is_pointed_out(title: str, word: str | None) -> None:
    assert rules.on_lock_screen({"zh": title}) == word


@pytest.mark.parametrize(
    ("title", "piece"),
    [
        ("看 https://example.com", "https:"),
        ("看ｗｗｗ．example．com", "www."),
        ("详见 t.cn/abc", "t.cn"),
        ("请打10012345678报名", "10012345678"),
        ("请打 0592-1234567", "0592-1234567"),
        ("请打 １００ １２３４ ５６７８", "100 1234 5678"),
        ("请打 400-123-4567", "400-123-4567"),
        ("有事打 12351", "12351"),
        ("2026-11-22 14:00-16:30 放电影", None),
        ("20261122 放电影", None),
        ("2026-2027 学年报名", None),
        ("2026年11月22日放电影", None),
        ("12351 人报了名", None),
        ("3 号楼 201 室", None),
        ("Mr. Comic on stage", None),
    ],
)
def test_a_title_with_a_link_or_a_number_to_call_is_no_title_of_an_sms(title: str, piece: str | None) -> None:
    assert rules.not_in_sms({"zh": title}) == piece


def test_the_longest_title_of_an_sms_is_taken_and_without_sms_it_may_have_a_number() -> None:
    longest = draft(title={"zh": "字" * 35}, sms=True)
    assert rules.checked(longest, now=NOW) == longest
    said = draft(title={"zh": "报名请打 10012345678"})
    assert rules.checked(said, now=NOW) == said


def test_such_a_title_stays_where_no_lock_screen_shows_it() -> None:
    said = draft(title={"zh": "困难补助怎么申请"})
    assert rules.checked(said, now=NOW).title == {"zh": "困难补助怎么申请"}


@pytest.mark.parametrize(
    ("people", "own_today", "needed"), [(500, 0, False), (501, 0, True), (300, 200, False), (300, 201, True)]
)
def test_a_second_officer_is_needed_above_the_bound_and_small_ones_add_up(
    people: int, own_today: int, needed: bool
) -> None:
    assert rules.second_needed(people=people, own_today=own_today, above=500) is needed


@pytest.mark.parametrize(
    ("needed", "wrote", "releases", "no"),
    [
        (False, True, False, None),
        (True, True, True, errors.NOTICE_OWN),
        (True, False, False, errors.NOTICE_NEEDS_RELEASER),
        (True, False, True, None),
    ],
)
def test_who_may_release(needed: bool, wrote: bool, releases: bool, no: str | None) -> None:
    assert rules.refusal(needed=needed, wrote=wrote, releases=releases) == no


@pytest.mark.parametrize(
    "readers",
    [Readers(), Readers((Standing.ACTIVE, Standing.RETIRED), True), Readers(act=UsedShop(uuid.UUID(int=5), 30))],
)
def test_an_audience_is_kept_as_it_was_described(readers: Readers) -> None:
    assert audience.read(rules.dumped(readers)) == readers
