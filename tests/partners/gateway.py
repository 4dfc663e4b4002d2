"""The whole gateway over real HTTP: settings that name both stand-ins, people whom they know, jobs as a worker runs."""

import dataclasses
import datetime
import functools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask

from app import callbacks, channels, jobs, partners
from app.settings import Sms
from services.accounts.types import AccountId
from services.accounts.wechat import wire
from services.cards.messages import CardFrozen
from services.core import clock, outbox
from services.members.types import MemberId
from services.notifications import service as notifications
from services.notifications.service.callbacks import Event
from services.notifications.sms import provider as sms_wire
from services.notifications.types import Channel
from tests.builders import reach
from tests.builders.reach import Reachable
from tests.builders.world import World
from tests.partners.patience import patient
from tests.partners.platform import BIZSEND, SUBSCRIBE, TEMPLATE, App, Person, StandIn, template_id
from tests.partners.sms import SIGN, TEMPLATES, SmsStandIn
from tests.partners.sms import running as sms_running

PATHS = {Channel.TEMPLATE: TEMPLATE, Channel.OA_SUBSCRIBE: BIZSEND, Channel.MP_SUBSCRIBE: SUBSCRIBE}
NOON = datetime.datetime(2026, 11, 20, 4, 0, 30, tzinfo=datetime.UTC)
"""Half a minute past 12:00 in China."""
SMS_TEMPLATE = next(name for name, variables in TEMPLATES["aliyun"].items() if not variables)


@dataclasses.dataclass(frozen=True)
class Member(Person):
    """A member as the platform knows them."""

    account_id: AccountId | None = None
    member_id: MemberId | None = None

    def openid(self, appid: str) -> str:
        assert self.account_id
        return reach.openid(appid, self.account_id)


class Gateway:
    def __init__(
        self, world: World, platform: StandIn, sms: SmsStandIn, sql: psycopg.Connection, run_jobs: Callable[[], None],
        at: Callable[[datetime.datetime], None],
    ) -> None:  # fmt: skip
        self.world, self.platform, self.sms, self.sql, self.reachable = world, platform, sms, sql, Reachable(world)
        self._run_jobs, self._at, self._phones = run_jobs, at, 0

    def app_of(self, channel: Channel) -> App:
        return self.platform.mini_program if channel is Channel.MP_SUBSCRIBE else self.platform.official_account

    def maps(self, *layouts: str, sms: str = "") -> None:
        """An officer has chosen the platform's templates for these layouts on every channel, and one for an SMS."""
        for layout in layouts:
            for channel in PATHS:
                self.reachable.mapped(channel, layout, template_id(layout))
        if sms:
            self.reachable.mapped(Channel.SMS, sms, SMS_TEMPLATE, provider="aliyun")

    def member(self, *by: Channel, consents: int = 1, layout: str = "safety") -> Member:
        """Somebody whom these channels reach, at the platform and in our books; any has a phone."""
        self._phones += 1
        phone = f"1001111{self._phones:04d}"
        actor = self.world.member(phone=phone)
        return self.known(Member("李春梅", phone, account_id=actor.account_id, member_id=actor.member_id), *by,
                          consents=consents, layout=layout)  # fmt: skip

    def known(self, person: Member, *by: Channel, consents: int = 1, layout: str = "safety") -> Member:
        assert person.account_id
        for app in {self.app_of(channel).appid: self.app_of(channel) for channel in by}.values():
            self.reachable.wechat(person.account_id, app.appid)
            self.platform.knows(person)
        for channel in by:
            if channel.of_consent and consents:
                app = self.app_of(channel)
                for _ in range(consents):
                    self.platform.consent(person, template_id(layout), app=app)
                self.reachable.consents(person.account_id, template_id(layout), number=consents, appid=app.appid)
        if Channel.TEMPLATE in by:
            self.platform.follow(person)
        elif self.platform.official_account.appid in {self.app_of(channel).appid for channel in by}:
            self.reachable.follows(person.account_id, following=False)
        return person

    def frozen(self, person: Member) -> None:
        """Tells of a frozen card: layout `safety`, urgent, at once."""
        self.posted(person)
        self.works()

    def posted(self, person: Member) -> None:
        assert person.member_id
        message = CardFrozen(card_id=uuid.uuid4(), member_id=person.member_id)
        self.world.do(lambda: outbox.post(message))

    def told(self, person: Member) -> None:
        """It stands in the inbox and its step is due: the sweep's batch has it with all others."""
        payload = {"card_id": str(uuid.uuid4()), "member_id": str(person.member_id)}
        tell = functools.partial(notifications.tell, topic=CardFrozen.topic, message_id=uuid.uuid4(), payload=payload)
        self.world.do(functools.partial(tell, now=clock.now()))

    def works(self) -> None:
        """The worker does what waits, and its sweep."""
        self._run_jobs()
        with self.world.app.app_context():
            jobs.sweep(0)

    def later(self, **time: float) -> None:
        """So much later, and the worker works."""
        self.until(clock.now() + datetime.timedelta(**time))

    def until(self, moment: datetime.datetime) -> None:
        self._at(moment)
        self.works()

    def hears(self, body: dict[str, Any], app: App) -> None:
        """The platform's event is worked on, as it is after it was verified and kept."""
        happened = clock.now() + datetime.timedelta(seconds=2)
        event = Event(app.appid, body["Event"], body, happened, clock.now())
        assert self.world.do(functools.partial(callbacks.HANDLERS[body["Event"]], event)), "it is done"

    @property
    def deliveries(self) -> list[tuple[str, str, str | None]]:
        return self.sql.execute("SELECT channel, status, reason FROM deliveries ORDER BY id").fetchall()  # type: ignore[return-value]

    @property
    def credits(self) -> list[tuple[int, ...]]:
        return self.sql.execute("SELECT granted, reserved, spent, lost FROM credits").fetchall()

    @property
    def pauses(self) -> list[tuple[str, str, datetime.datetime | None, str]]:
        return self.sql.execute("SELECT channel, subject, until, reason FROM pauses").fetchall()  # type: ignore[return-value]

    def asked(self, channel: Channel) -> int:
        return self.platform.calls[PATHS[channel]]


@pytest.fixture
def sms_stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsStandIn]:
    with sms_running() as found:
        patient(found, lambda read: monkeypatch.setattr(sms_wire, "READ", read))
        yield found


@pytest.fixture
def set_up(app: Flask, platform: StandIn, sms_stand_in: SmsStandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application as it is put together from settings with WeChat and SMS."""
    patient(platform, lambda read: monkeypatch.setattr(wire, "TIMEOUT", (2, read)))
    key_id, secret = sms_stand_in.keys["aliyun"]
    account = Sms(
        provider="aliyun", key_id=key_id, key_secret=secret, sign=SIGN, code_template=next(iter(TEMPLATES["aliyun"])),
        app_id="0", region="", api_url=sms_stand_in.url,
    )  # fmt: skip
    settings = dataclasses.replace(
        app.config["SETTINGS"], sms=account, demo=False, public_url="https://gh.example.cn",
        wechat_oa=(platform.official_account.appid, platform.official_account.secret),
        wechat_mp=(platform.mini_program.appid, platform.mini_program.secret),
        wechat_mp_page="pages/index/index", sends_in_flight=4,
        wechat_api_url=platform.url, wechat_open_url=platform.url,
    )  # fmt: skip
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    for part in (partners, channels):
        monkeypatch.setitem(app.extensions, part.__name__.removeprefix("app."), None)
        part.register(app, settings)
    yield app
    app.extensions["channels"].pool.shutdown()


@pytest.fixture
def gateway(
    set_up: Flask, platform: StandIn, sms_stand_in: SmsStandIn, sql: psycopg.Connection, run_jobs: Callable[[], None],
    at: Callable[..., None],
) -> Gateway:  # fmt: skip
    at(NOON)
    found = Gateway(World(set_up), platform, sms_stand_in, sql, run_jobs, at)
    found.maps("safety", sms="card.frozen")
    return found
