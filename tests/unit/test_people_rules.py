"""Small decisions: names and phones that are shown, standings, shops, scans, wrong digits, the tree of unions."""

import datetime
import re
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.errors import Refusal
from services.members.rules import masked_name, masked_phone, may_use_benefits
from services.members.types import Standing
from services.merchants.rules import may_take_cards
from services.merchants.types import Counter, MerchantId
from services.redemptions.rules import may_redeem, may_type
from services.unions.rules import child_path, within
from services.unions.types import UnionPath

TODAY = datetime.date(2026, 3, 1)
NOW = datetime.datetime(2026, 3, 1, 4, 5, 6, tzinfo=datetime.UTC)
DAY, SECOND = datetime.timedelta(days=1), datetime.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李春梅", "李*梅"),
        ("王伟", "王*"),
        ("王", "王*"),
        ("欧阳修", "欧阳*"),
        ("欧阳娜娜", "欧阳*娜"),
        ("欧阳", "欧*"),  # two characters: a single surname and a given name
        ("诸葛孔明亮", "诸葛**亮"),
        ("李欧阳", "李*阳"),
        ("东方不败", "东方*败"),
        ("买买提·吐尔逊", "买*逊"),
        ("阿卜杜拉·买买提·依明", "阿*明"),
        ("㐀𠮷野", "㐀*野"),
        (" 李春梅 ", "李*梅"),
        ("王 伟", "王*"),  # rosters pad short names to three characters
        ("王\u3000伟", "王*"),
        ("欧阳 修", "欧阳*"),
        ("Mei Li", "M*** L***"),
        ("Mei", "M***"),
        ("M", "M***"),
        ("Anna  Maria\tLi", "A*** M*** L***"),
        ("李Mike", "李***"),
        ("", "*"),
        ("   ", "*"),
    ],
)
def test_a_masked_name_is_enough_to_compare_with_and_no_more(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@given(st.text(alphabet="李春梅王伟欧阳娜司马\u3000 ", max_size=8))
def test_a_masked_chinese_name_never_is_the_name(name: str) -> None:
    letters, shown = (re.findall(r"[㐀-鿿]", text) for text in (name, masked_name(name)))
    assert "*" in masked_name(name)
    assert len(letters) < 2 or len(shown) < len(letters)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812341234", "138****1234"), ("12345678", "123****5678"), ("1234567", "****"), ("", "****")],
)
def test_a_masked_phone_keeps_its_ends(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_every_standing_but_suspended_and_left_keeps_its_benefits() -> None:
    assert [standing for standing in Standing if may_use_benefits(standing)] == [Standing.SUSPENDED, Standing.LEFT]


COUNTER: dict[str, Any] = {
    "merchant_id": MerchantId(uuid.UUID(int=1)), "merchant_name": {"zh": "店"}, "branch_name": {"zh": "店"},
    "clerk_name": "小唐", "agreement_from": TODAY - DAY, "agreement_until": TODAY + DAY, "suspended_on": None,
    "branch_closed": False, "clerk_left": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({}, None),
        ({"agreement_from": TODAY}, None),
        ({"agreement_until": TODAY}, None),
        ({"agreement_from": TODAY + DAY}, Refusal("agreement_not_started", {"date": "2026-03-02"})),
        ({"agreement_until": TODAY - DAY}, Refusal("agreement_ended", {"date": "2026-02-28"})),
        ({"suspended_on": TODAY}, Refusal("merchant_suspended")),
        ({"suspended_on": TODAY + DAY}, None),
        ({"branch_closed": True}, Refusal("branch_closed")),
        ({"clerk_left": True}, Refusal("clerk_left")),
        ({"clerk_left": True, "branch_closed": True, "suspended_on": TODAY}, Refusal("clerk_left")),
        ({"branch_closed": True, "suspended_on": TODAY}, Refusal("branch_closed")),
        ({"suspended_on": TODAY, "agreement_until": TODAY - DAY}, Refusal("merchant_suspended")),
    ],
)
def test_a_till_takes_cards_or_says_why_not(facts: dict[str, Any], refusal: Refusal | None) -> None:
    assert may_take_cards(Counter(**{**COUNTER, **facts}), today=TODAY) == refusal


@pytest.mark.parametrize(
    ("mine", "left", "used", "code"),
    [
        (True, SECOND, False, None),
        (True, 0 * SECOND, False, "scan_expired"),
        (True, -SECOND, False, "scan_expired"),
        (True, SECOND, True, "scan_used"),
        (True, -SECOND, True, "scan_used"),  # it worked: "expired" would make the clerk scan again
        (False, SECOND, False, "scan_of_another_clerk"),
        (False, -SECOND, True, "scan_of_another_clerk"),
    ],
)
def test_a_scan_is_good_for_one_clerk_one_use_and_five_minutes(
    mine: bool, left: datetime.timedelta, used: bool, code: str | None
) -> None:
    refusal = may_redeem(scanned_by_caller=mine, expires_at=NOW + left, used=used, now=NOW)
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("recent", "oldest", "today", "refusal"),
    [
        (0, 0, 0, None),
        (4, 10, 19, None),
        (5, 0, 5, Refusal("typing_stopped_clerk", {"minutes": 10})),
        (5, 1, 5, Refusal("typing_stopped_clerk", {"minutes": 10})),
        (5, 540, 5, Refusal("typing_stopped_clerk", {"minutes": 1})),
        (5, 541, 5, Refusal("typing_stopped_clerk", {"minutes": 1})),
        (6, 600, 6, Refusal("typing_stopped_clerk", {"minutes": 1})),
        (0, 0, 20, Refusal("typing_stopped_branch")),
        (5, 60, 20, Refusal("typing_stopped_branch")),
        (0, 0, 21, Refusal("typing_stopped_branch")),
    ],
)
def test_wrong_digits_stop_the_clerk_then_the_branch(
    recent: int, oldest: int, today: int, refusal: Refusal | None
) -> None:
    assert may_type(clerk_recent=recent, clerk_oldest_seconds=oldest, branch_today=today) == refusal


@pytest.mark.parametrize(
    ("path", "scope", "inside"),
    [
        ("0001", "0001", True),
        ("0001.0002", "0001", True),
        ("0001.0002.0003", "0001.0002", True),
        ("0001", "0001.0002", False),
        ("0001.0002", "0001.0003", False),
        ("00012", "0001", False),
        ("0002.0001", "0001", False),
    ],
)
def test_a_subtree_is_a_union_and_everything_below_it(path: str, scope: str, inside: bool) -> None:
    assert within(path, scope) is inside


def test_a_path_grows_by_four_characters_and_sorts_as_it_was_founded() -> None:
    root = child_path(None, 1)
    assert root == "0001"
    children = [child_path(root, ordinal) for ordinal in (1, 2, 31, 32, 1023, 1024, 1_048_575)]
    assert children == sorted(children)
    assert all(len(child) == 9 and within(child, root) for child in children)


@pytest.mark.parametrize("ordinal", [-1, 1_048_576])
def test_a_union_has_no_child_beyond_a_million(ordinal: int) -> None:
    with pytest.raises(ValueError, match="fit"):
        child_path(UnionPath("0001"), ordinal)
