"""The desk of the messaging gateway: messages as a phone shows them, platform templates, tests, channels, figures."""

import datetime
import html
import re
import uuid

import psycopg
import pytest
from flask.testing import FlaskClient

from services.core import clock
from services.core.db import db
from services.notifications.models import Pause, SendingHour
from services.notifications.notices import mass
from services.notifications.templates import SUBJECTS, TEMPLATES, words
from services.notifications.types import Channel
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.harness.statements import statements
from tests.http.pages import Reader

DESK = "/staff/channels"
ID = "A" * 42 + "_"
OTHER = "B" * 43


@pytest.fixture
def ports(use: Use) -> dict[Channel, Fake]:
    found = {
        Channel.TEMPLATE: Fake(Channel.TEMPLATE, provider=OA, repeats_safely=True),
        Channel.MP_SUBSCRIBE: Fake(Channel.MP_SUBSCRIBE, provider=MP),
    }
    use(*found.values())
    return found


def test_every_message_is_listed_by_subject_and_opens(client: FlaskClient, world: World) -> None:
    reader = Reader(client, world, world.officer())
    page = reader.open(f"{DESK}/messages")
    assert sorted(re.findall(rf'href="{DESK}/messages/one/([^"]+)"', page)) == sorted(TEMPLATES)
    assert page.count('<section class="sp"') == sum(bool(part) for part in SUBJECTS.values())
    for name in TEMPLATES:
        shown = html.unescape(reader.open(f"{DESK}/messages/one/{name}"))
        titles = [words(name, TEMPLATES[name].sample, language=spoken).title for spoken in ("zh", "en")]
        assert "锁屏上" in shown and all(title in shown for title in titles), name


def test_a_message_shows_its_card_cut_and_its_sms_counted(client: FlaskClient, world: World) -> None:
    page = Reader(client, world, world.officer()).open(f"{DESK}/messages/one/card.frozen")
    assert "您的会员卡已冻结，现在谁也用不了" in page and "【示例工会】" in page and "算 1 条" in page
    assert "账户安全提醒" in page and "Your card is frozen" in page and "微信送不到马上发短信" in page
    plain = Reader(client, world, world.officer()).open(f"{DESK}/messages/one/redemption.branch")
    assert "不回应会员的操作，所以不走微信" in plain and "微信里（按字数裁好）" not in plain


def test_a_mapping_is_set_once_with_every_field_and_shown_with_its_past(
    client: FlaskClient, world: World, ports: dict[Channel, Fake]
) -> None:
    reader = Reader(client, world, world.officer())
    path = f"{DESK}/messages/layouts/template/safety"
    assert "还没填" in reader.open(f"{DESK}/messages/layouts")
    form = reader.open(path)
    keys = {"keys.what": "thing1", "keys.when": "time2", "keys.next": "thing3"}
    assert reader.send(form, path, platform_id=ID, **keys).status_code == 303
    page = reader.open(path)
    assert ID in page and "第 1 版" in page and "正在用" in page
    # The page that was opened before is behind: the second officer is told, and sees what holds now.
    late = reader.send(form, path, platform_id=OTHER, **keys)
    assert late.status_code == 409 and "同事刚刚改过这里" in late.text and f'value="{ID}"' in late.text
    assert reader.send(page, path, platform_id=OTHER, **keys).status_code == 303
    page = reader.open(path)
    assert "第 2 版" in page and page.index(OTHER) < page.rindex(ID)
    assert OTHER in reader.open(f"{DESK}/messages/layouts")


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"platform_id": "short"}, "id-err", "模板 ID 是 43 位"),
        ({"keys.what": "time1"}, "key-what-err", "这一项要用 thing 类型的字段"),
        ({"keys.what": "thing1<b>"}, "key-what-err", "这一项要用 thing 类型的字段"),
        ({"keys.next": "thing1"}, "key-next-err", "这个字段上面已经用过了"),
        ({"keys.when": ""}, "key-when-err", "这一项还没填"),
    ],
)
def test_what_does_not_fit_comes_back_at_its_field(
    client: FlaskClient, world: World, ports: dict[Channel, Fake], typed: dict[str, str], field: str, said: str
) -> None:
    reader = Reader(client, world, world.officer())
    path = f"{DESK}/messages/layouts/mp_subscribe/safety"
    given = {"platform_id": ID, "keys.what": "thing1", "keys.when": "time2", "keys.next": "thing3", **typed}
    answer = reader.send(reader.open(path), path, **given)
    assert answer.status_code == 422 and f'id="{field}"' in answer.text and said in answer.text
    for value in given.values():
        assert f'value="{html.escape(value)}"' in answer.text


def test_a_test_reaches_the_colleague_as_template_and_as_subscribe_message(
    client: FlaskClient, world: World, ports: dict[Channel, Fake], run_jobs: object, sql: psycopg.Connection
) -> None:
    officer, reach = world.officer(), Reachable(world)
    for appid in (OA, MP):
        reach.wechat(officer.account_id, appid)
    reach.mapped(Channel.TEMPLATE, "use")
    reach.consents(officer.account_id, reach.mapped(Channel.MP_SUBSCRIBE, "use"))
    reader = Reader(client, world, officer)
    page = reader.open(f"{DESK}/messages/one/redemption.member")
    chosen = {"to": str(officer.account_id), "channels": ["template", "mp_subscribe"]}
    sent = [reader.send(page, "/test", **chosen) for _ in range(2)]  # type: ignore[arg-type]
    assert [answer.status_code for answer in sent] == [303, 303]
    run_jobs()  # type: ignore[operator]
    for channel, key in ((Channel.TEMPLATE, "T-template-use"), (Channel.MP_SUBSCRIBE, "T-mp_subscribe-use")):
        (got,) = ports[channel].got
        assert got.platform_id == key and got.fields["thing1"] == "会员卡刚用过一次" and got.fields["character_string3"]
    assert sql.execute("SELECT status, count(*) FROM deliveries GROUP BY status").fetchall() == [("sent", 2)]
    assert sql.execute("SELECT spent, reserved FROM credits").fetchall() == [(1, 0)]
    assert "【测试】您的会员卡刚用过一次" in reader.open("/staff/inbox")
    assert sql.execute("SELECT count(*) FROM audit_entries WHERE action = 'message.tested'").fetchone() == (1,)


def test_a_test_that_cannot_arrive_says_why_and_spends_nothing(
    client: FlaskClient, world: World, ports: dict[Channel, Fake], sql: psycopg.Connection
) -> None:
    officer, reach = world.officer(), Reachable(world)
    reader = Reader(client, world, officer)
    page = reader.open(f"{DESK}/messages/one/redemption.member")

    def send(channel: str) -> str:
        answer = reader.send(page, "/test", to=str(officer.account_id), channels=channel)
        assert answer.status_code == 422 and 'id="channels-err"' in answer.text
        assert f'value="{channel}" checked' in answer.text
        return answer.text

    assert "还没有对应平台模板" in send("template")
    reach.mapped(Channel.TEMPLATE, "use")
    assert "还没有用这个微信应用登录过" in send("template")
    reach.wechat(officer.account_id)
    reach.follows(officer.account_id, following=False)
    assert "没有关注服务号" in send("template")
    reach.mapped(Channel.MP_SUBSCRIBE, "use")
    reach.wechat(officer.account_id, MP)
    assert "没有可用的订阅授权" in send("mp_subscribe")
    nobody = reader.send(page, "/test", to=str(world.member().account_id), channels="template")
    assert nobody.status_code == 422 and "请选一位同事" in nobody.text
    assert sql.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)
    assert sql.execute("SELECT count(*) FROM inbox_messages").fetchone() == (0,)
    assert sql.execute("SELECT coalesce(sum(used), 0) FROM spendings").fetchone() == (0,)


@pytest.mark.usefixtures("same_moment")
def test_twenty_tests_a_day_and_no_more(client: FlaskClient, world: World, app: object) -> None:
    officer = world.officer()
    reader = Reader(client, world, officer)
    page = reader.open(f"{DESK}/messages/one/redemption.branch")
    for number in range(21):
        key = str(uuid.uuid4())
        answer = reader.send(page, "/test", to=str(officer.account_id), key=key)
        for limiter in app.extensions["limiter"]:  # type: ignore[attr-defined]
            limiter.reset()
        assert answer.status_code == (303 if number < 20 else 429), number
    assert "今天已发过 20 条测试" in answer.text


def test_a_paused_channel_says_why_and_goes_on_when_an_officer_says_so(
    client: FlaskClient, world: World, ports: dict[Channel, Fake], sql: psycopg.Connection
) -> None:
    def pause() -> None:
        db.session.add(Pause(channel="template", subject="", until=None, reason="48001", since=clock.now(), times=1))
        db.session.add(
            Pause(channel="mp_subscribe", subject=ID, until=None, reason="40037", since=clock.now(), times=1)
        )

    world.do(pause)
    reader = Reader(client, world, world.officer())
    page = reader.open(DESK)
    assert "服务号或小程序没有这个权限" in page and "48001" in page and "一个模板停着" in page and ID in page
    assert "SMS_PROVIDER" in page and "docs/launch.md" in page
    forms = [form for form in page.split("<form ") if "/resume" in form]
    assert len(forms) == 2
    assert reader.send(page, "/resume", channel="template", subject="").status_code == 303
    assert reader.send(page, "/resume", channel="template", subject="").status_code == 303, "twice is no harm"
    assert "48001" not in reader.open(DESK)
    assert sql.execute("SELECT channel FROM pauses").fetchall() == [("mp_subscribe",)]
    assert sql.execute("SELECT detail->>'reason' FROM audit_entries WHERE action = 'channel.resumed'").fetchall() == [
        ("48001",)
    ]


def test_a_pause_of_mass_messages_is_released_like_the_others(
    client: FlaskClient, world: World, sql: psycopg.Connection
) -> None:
    until = clock.now() + datetime.timedelta(hours=12)
    world.do(
        lambda: db.session.add(
            Pause(channel=mass.CHANNEL, subject="", until=until, reason="48001", since=clock.now(), times=1)
        )
    )
    reader = Reader(client, world, world.officer())
    page = reader.open(DESK)
    part = page[page.index("公众号群发") :]
    assert "整个渠道停着" in part and "服务号或小程序没有这个权限" in part and "自己恢复" in part
    assert reader.send(page, "/resume").status_code == 303
    assert "整个渠道停着" not in reader.open(DESK)
    assert sql.execute("SELECT count(*) FROM pauses").fetchone() == (0,)
    assert sql.execute("SELECT detail->>'channel' FROM audit_entries WHERE action = 'channel.resumed'").fetchall() == [
        ("mass",)
    ]
    assert reader.send(page, "/resume", channel="pigeon").status_code == 404


def hour(**values: object) -> SendingHour:
    zero = dict.fromkeys(("took_ms", "under_100", "under_300", "under_1000", "under_3000"), 0)
    at = clock.now().replace(minute=0, second=0, microsecond=0)
    return SendingHour(
        **{"hour": at, "channel": "template", "outcome": "sent", "reason": "", "count": 1, **zero, **values}
    )


def test_figures_show_each_channel_its_failures_and_every_number_in_a_table(
    client: FlaskClient, world: World, ports: dict[Channel, Fake]
) -> None:
    def build() -> None:
        db.session.add_all(
            [
                hour(count=1234),
                hour(outcome="permanent_failure", reason="43004", count=7),
                hour(outcome="retry", reason="down:503", count=3),
            ]
        )

    world.do(build)
    reader = Reader(client, world, world.officer())
    for by in ("", "?by=hours"):
        page = reader.open(f"{DESK}/figures{by}")
        assert "发出 1,234 条，没成 7 条" in page and "没有关注服务号" in page and "渠道没有应答" in page
        assert '<td class="n">1234</td><td class="n">7</td>' in page and page.count('<svg class="chart"') == 1
    csv = client.get(f"{DESK}/figures/days.csv")
    assert csv.status_code == 200 and '"服务号模板消息","1234","7"' in csv.text
    assert client.get(f"{DESK}/figures/weeks.csv").status_code == 404
    assert client.get(f"{DESK}/figures/hours.xlsx").data.startswith(b"PK")


def test_the_number_of_statements_stays(client: FlaskClient, world: World, ports: dict[Channel, Fake]) -> None:
    reader = Reader(client, world, world.officer())
    for path, most in ((f"{DESK}/figures", 16), (DESK, 14), (f"{DESK}/messages/layouts", 8)):
        reader.open(path)
        with statements() as seen:
            reader.open(path)
        world.member()
        with statements() as more:
            reader.open(path)
        assert len(seen) == len(more) <= most, (path, len(seen), len(more))
