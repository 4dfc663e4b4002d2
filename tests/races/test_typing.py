"""Wrong typed codes are counted exactly, however many clerks type at once."""

from collections import Counter
from functools import partial

import psycopg

from tests.builders.world import World
from tests.harness.threads import together
from tests.races.till import Till, attempts, count, digits

MANY = 32


def _wrong(number: int) -> str:
    return f"{number:08d}"


def test_thirty_two_threads_of_one_clerk_type_five_wrong_codes_and_no_more(
    world: World, sql: psycopg.Connection
) -> None:
    till = Till(world, world.shop().clerk)

    answers = together(*(partial(till.scan, _wrong(number)) for number in range(MANY)))

    assert Counter(answer.code for answer in answers) == {"typed_code_wrong": 5, "typing_stopped_clerk": MANY - 5}
    assert attempts(sql, "typed_code_wrong") == 5
    assert attempts(sql, "typing_stopped_clerk") == MANY - 5
    assert till.scan(digits(world, world.member())).code == "typing_stopped_clerk", "right digits are not tried either"


def test_thirty_two_clerks_of_a_branch_type_twenty_wrong_codes_and_no_more_and_the_union_hears_once(
    world: World, sql: psycopg.Connection
) -> None:
    shop = world.shop()
    tills = [Till(world, world.clerk(shop, same_branch=True)) for _ in range(MANY)]

    answers = together(*(partial(till.scan, _wrong(number)) for number, till in enumerate(tills)))

    assert Counter(answer.code for answer in answers) == {"typed_code_wrong": 20, "typing_stopped_branch": MANY - 20}
    assert attempts(sql, "typed_code_wrong") == 20
    assert count(sql, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'redemptions.typing_stopped'") == 1
    assert Till(world, shop.clerk).scan(digits(world, world.member())).code == "typing_stopped_branch"


def test_a_stopped_branch_stops_no_other(world: World, sql: psycopg.Connection) -> None:
    shop = world.shop()
    stopped = [Till(world, world.clerk(shop, same_branch=True)) for _ in range(20)]
    other = Till(world, world.clerk(shop))
    good = digits(world, world.member())

    answers = together(
        *(partial(till.scan, _wrong(number)) for number, till in enumerate(stopped)), lambda: other.scan(good)
    )

    assert [answer.code for answer in answers] == ["typed_code_wrong"] * 20 + ["done"]
    assert count(sql, "SELECT count(*) FROM scans") == 1
