"""The demo's events, one of every kind and state, with everybody who signed up: by the real verbs, at past hours."""

import datetime
import io
import itertools
import random

from PIL import Image, ImageDraw

from app.demo_data import events_past, names
from app.demo_data.events_crowd import Crowd
from app.demo_data.events_plans import OTHER_TOWN
from app.demo_data.events_season import Season, check_in
from app.demo_data.people import Person, Tree
from services.accounts import service as accounts
from services.accounts.types import Grant, OfficerActor, Role
from services.core.files import files
from services.core.forms import Handed
from services.events.service import deciding, entering, joining, leaving
from services.events.types import Companion, EventId, Named, RefusedFor, SignupId
from services.events.types import Role as Part
from services.members.documents import Sex

DAY, HOUR, MINUTE = datetime.timedelta(days=1), datetime.timedelta(hours=1), datetime.timedelta(minutes=1)
TEAMS, TEAM = 6, 8
HOBBIES = ("骑车、做饭", "爬山", "看书、听评书", "打羽毛球", "养花", "钓鱼", "拍照", "烘焙", "跑步", "下厨")
SAYINGS = ("静夜思", "劳动最光荣", "登鹳雀楼", "陋室铭（节选）", "厚德载物", "兰亭序（临）", "春晓", "工匠精神")
CHILDREN = ("小满", "豆豆", "可可", "安安", "乐乐", "果果", "阳阳", "妞妞", "石头", "禾禾")


def put_on(tree: Tree, crowd: Crowd, officer: OfficerActor) -> int:
    """All of them; returns how many. The persona has been to one, and stands differently in each of five others."""
    season = Season(tree, crowd, officer)
    for fill in (
        events_past.first_aid, events_past.puppets, events_past.orchard,
        _badminton, _tug_of_war, _pottery, _calligraphy, _labour_law, _clinic, _checkup, _rescuers, _farm, _play,
        _magic, _lake, _yoga, _chess,
    ):  # fmt: skip
        fill(season)
        crowd.told(crowd.now)
    return len(season.ids)


def _badminton(season: Season) -> None:
    """Singles; pairs of which some wait for one of them, the persona among these."""
    crowd, event_id, now = season.crowd, season.ids["badminton"], season.crowd.now
    men, women = crowd.some(lambda one: one.sex is Sex.MALE), crowd.some(lambda one: one.sex is Sex.FEMALE)
    for category, people, count in ((1, men, 12), (2, women, 9)):
        crowd.fill(event_id, season.moments("badminton", count), people, lambda key=category: {"category": key})  # type: ignore[misc]
    for number, at in enumerate(season.moments("badminton", 7)):
        mate = next((one for one in women if one.phone), None)
        recent = now - (9 + number) * HOUR if number > 4 else at
        captain = next(men, None)
        if mate is None or captain is None:
            break
        signup_id = _pair(crowd, captain, mate, event_id, recent)
        if signup_id and number <= 4:
            joining.join(actor=crowd.actor(mate, at), signup_id=signup_id, now=min(at + HOUR, now))
    asked_at = now - 7 * HOUR
    crowd.told(asked_at, _pair(crowd, next(men), crowd.hers, event_id, asked_at), read=False)


def _pair(crowd: Crowd, captain: Person, mate: Person, event_id: EventId, at: datetime.datetime) -> SignupId | None:
    return crowd.enter(captain, event_id, at, category=3, mates=(Named(mate.name, mate.phone or ""),))


def _tug_of_war(season: Season) -> None:
    """Teams that their towns have entered."""
    crowd, at = season.crowd, season.days.at(-5, "10:00")
    for town in list(season.tree.towns.values())[:TEAMS]:
        people = list(crowd.some(lambda one, path=town.path: one.union_path.startswith(path)))  # type: ignore[misc]
        women = [one for one in people if one.sex is Sex.FEMALE][:3]
        team = [*women, *(one for one in people if one not in women)][:TEAM]
        if len(women) < 3 or len(team) < TEAM:
            continue
        account_id = accounts.open_account(display_name=names.draw(crowd.rng, Sex.FEMALE), now=at)
        accounts.grant(account_id=account_id, role=Role.TOWN, union_id=town.id, actor="job:demo", now=at)
        actor = OfficerActor(account_id, (Grant(Role.TOWN, town.path),))
        at += 5 * HOUR
        entering.enter(
            actor=actor, event_id=season.ids["tug_of_war"], member_ids=[one.member_id for one in team], category=1,
            slot=None, wait=True, now=at,
        )  # fmt: skip
        crowd.entries += 1


def _pottery(season: Season) -> None:
    """More women than places for them, men with room."""
    crowd, event_id = season.crowd, season.ids["pottery"]
    for sex, count in ((Sex.FEMALE, 17), (Sex.MALE, 8)):
        people = crowd.some(lambda one, sex=sex: one.sex is sex)  # type: ignore[misc]
        crowd.fill(event_id, season.moments("pottery", count), people, lambda: _in_earnest(crowd.rng))


def _in_earnest(rng: random.Random) -> dict[str, object]:
    return {"answers": {"single": "yes", "hobby": rng.choice(HOBBIES)}}


def _calligraphy(season: Season) -> None:
    """Works that were handed in; some chosen, one sent back."""
    crowd, event_id = season.crowd, season.ids["calligraphy"]

    def work() -> dict[str, object]:
        picture = _strokes(crowd.rng)
        handed = Handed("image/jpeg", len(picture), files.put(picture))
        answers = {"says": crowd.rng.choice(SAYINGS), "work": handed}
        return {"category": crowd.rng.choice((1, 1, 2)), "answers": answers}

    entered = [id_ for _, id_ in crowd.fill(event_id, season.moments("calligraphy", 12), crowd.some(), work)]
    at = crowd.now - 5 * HOUR
    deciding.approve(actor=season.officer, event_id=event_id, signup_ids=entered[:6], now=at)
    deciding.refuse(
        actor=season.officer, event_id=event_id, signup_ids=entered[6:7], reason=RefusedFor.PAPERS,
        note="照片太暗，看不清字，请重新拍一张再报。", now=at,
    )  # fmt: skip


def _strokes(rng: random.Random) -> bytes:
    """A sheet with some strokes of a brush that mean nothing."""
    sheet = Image.new("L", (360, 540), 238)
    pen = ImageDraw.Draw(sheet)
    for row, column in itertools.product(range(5), range(3)):
        for _stroke in range(4):
            x, y = 40 + column * 105 + rng.randrange(60), 40 + row * 96 + rng.randrange(60)
            dx, dy = rng.choice(((44, 3), (5, 46), (-28, 34), (30, 30)))
            pen.line((x, y, x + dx, y + dy), fill=rng.randrange(20, 60), width=rng.randrange(5, 11))
    kept = io.BytesIO()
    sheet.save(kept, "JPEG", quality=70)
    return kept.getvalue()


def _labour_law(season: Season) -> None:
    """Half full, tomorrow; the persona has a seat."""
    crowd, event_id = season.crowd, season.ids["labour_law"]
    crowd.fill(event_id, season.moments("labour_law", 38), crowd.some())
    at = season.days.at(-2, "12:20")
    crowd.told(at, crowd.enter(crowd.hers, event_id, at))


def _clinic(season: Season) -> None:
    path = season.tree.towns[OTHER_TOWN].path
    people = season.crowd.some(lambda one: one.union_path.startswith(path))
    season.crowd.fill(season.ids["clinic"], season.moments("clinic", 14), people)


def _checkup(season: Season) -> None:
    """The early windows are full and have a line."""
    crowd = season.crowd

    def window() -> dict[str, object]:
        return {"slot": crowd.rng.choices(range(1, 7), (9, 8, 5, 3, 2, 1))[0], "answers": {"fasting": "yes"}}

    crowd.fill(season.ids["checkup"], season.moments("checkup", 25), crowd.some(), window)


def _rescuers(season: Season) -> None:
    """Of those who have the first level, more want to go on than there are places."""
    crowd, event_id = season.crowd, season.ids["rescuers"]
    entered = crowd.fill(event_id, season.moments("rescuers", 15), iter(season.attended))
    chosen = [id_ for _, id_ in entered[:5]]
    deciding.approve(actor=season.officer, event_id=event_id, signup_ids=chosen, now=crowd.now - 4 * HOUR)


def _farm(season: Season) -> None:
    """Fifteen families of three, then the persona and five more who wait; one cancels, and she is offered places."""
    crowd, event_id, now = season.crowd, season.ids["farm"], season.crowd.now

    def child() -> Companion:
        born_at = now - crowd.rng.randrange(5 * 365, 13 * 365) * DAY
        return Companion(Part.CHILD, crowd.rng.choice(CHILDREN), born_at.date())

    def family() -> dict[str, object]:
        guest = Companion(Part.GUEST, names.draw(crowd.rng, crowd.rng.choice(list(Sex))))
        return {"companions": (crowd.rng.choice((guest, child())), child()), "guardian": True}

    opens_at, people = season.days.at(-6, "20:00"), crowd.some()
    entered = crowd.fill(event_id, crowd.moments(15, opens_at, opens_at + DAY), people, family)
    at = opens_at + 26 * HOUR
    hers = crowd.enter(crowd.hers, event_id, at, companions=(child(),), guardian=True)
    crowd.told(at, hers)
    crowd.fill(event_id, crowd.moments(5, at + HOUR, now), people, family)
    left_at = now - 50 * MINUTE
    captain, signup_id = entered[2]
    leaving.cancel(actor=crowd.actor(captain, left_at), signup_id=signup_id, now=left_at)
    crowd.told(left_at, hers, read=False)


def _play(season: Season) -> None:
    """The window is open; the persona is in, with two tickets if she lost the last time: nobody rigs a draw."""
    crowd, event_id = season.crowd, season.ids["play"]

    def one_or_two() -> dict[str, object]:
        guest = Companion(Part.GUEST, names.draw(crowd.rng, crowd.rng.choice(list(Sex))))
        return {"companions": (guest,) if crowd.rng.random() < 0.4 else ()}

    crowd.fill(event_id, season.moments("play", 45), crowd.some(), one_or_two)
    at = season.days.at(-2, "20:15")
    crowd.told(at, crowd.enter(crowd.hers, event_id, at))


def _magic(season: Season) -> None:
    """Sign-up is over: an officer may draw."""
    season.crowd.fill(season.ids["magic"], season.moments("magic", 36), season.crowd.some())


def _lake(season: Season) -> None:
    """The first wave was gone within the hour."""
    opens_at = season.days.at(-1, "12:00")
    season.crowd.fill(season.ids["lake"], season.crowd.moments(12, opens_at, opens_at + HOUR), season.crowd.some())


def _yoga(season: Season) -> None:
    """Full; the persona is the third of those who wait."""
    crowd, event_id, people = season.crowd, season.ids["yoga"], season.crowd.some()
    opens_at, at = season.days.at(-4, "12:00"), season.days.at(-3, "18:40")
    crowd.fill(event_id, crowd.moments(22, opens_at, at), people)
    crowd.told(at, crowd.enter(crowd.hers, event_id, at))
    crowd.fill(event_id, crowd.moments(4, at + HOUR, crowd.now), people)


def _chess(season: Season) -> None:
    """On just now: most have come."""
    crowd, event_id = season.crowd, season.ids["chess"]
    entered = crowd.fill(event_id, season.moments("chess", 22), crowd.some())
    begins = season.days.half_hour(-1)
    check_in(season, event_id, [id_ for _, id_ in entered[:14]], begins - HOUR / 2, crowd.now)
