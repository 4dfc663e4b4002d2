"""Plants the tree of unions and enrols the demo's members, each with a card."""

import datetime
import itertools
import random
from dataclasses import dataclass

from app.demo_data import places
from app.demo_data.names import PERSONA, draw
from app.demo_data.progress import Advance
from services.cards import service as cards
from services.cards.types import CardId
from services.core.calendar import local_date
from services.members import service as members
from services.members.documents import Document, DocumentType, Sex, check_digit
from services.members.types import MemberId, NewMember, Standing
from services.unions import service as unions
from services.unions.types import Contact, Level, Place, UnionId, UnionPath, UnionView

CHUNK = 1000
LARGEST = 12.0
"""How many times the smallest union the largest may be; the persona's is a large one."""
MOVED_IN = datetime.timedelta(days=41)
"""So long ago all cards were issued; nobody has joined since."""
STANDINGS = {
    Standing.ACTIVE: 93.0, Standing.GRACE: 2.5, Standing.MOVING: 1.0, Standing.RETIRED: 2.5, Standing.SUSPENDED: 1.0
}  # fmt: skip


@dataclass(frozen=True)
class Tree:
    root: UnionView
    #: by Chinese name of the town, without 总工会
    towns: dict[str, UnionView]
    grassroots: list[UnionView]

    @property
    def of_persona(self) -> UnionView:
        return self.grassroots[0]


@dataclass(frozen=True)
class Trial:
    """Somebody in the demo's roster who has never signed in: with him anybody can try the binding."""

    number: int
    name: str

    @property
    def document(self) -> str:
        return document_of(self.number).number

    @property
    def phone(self) -> str:
        return _phone(self.number)


TRIAL = Trial(7, "陈秀兰")


@dataclass(frozen=True)
class Person:
    member_id: MemberId
    card_id: CardId
    name: str
    standing: Standing
    union_path: UnionPath
    phone: str | None
    sex: Sex


def grassroots_count(members_wanted: int) -> int:
    """120 unions for 2,000 members, 1,277 for 72,000, and in between as on a line."""
    return 120 + round((members_wanted - 2_000) * (1_277 - 120) / (72_000 - 2_000))


def plant(rng: random.Random, *, count: int) -> Tree:
    """One federation, 16 towns and parks, `count` unions of firms below them; the persona's comes first."""
    root = unions.found(name=_text(places.DISTRICT), level=Level.FEDERATION, contact=_contact(0, *places.SEAT))
    towns = {zh: _town(zh, en, root, _contact(number, zh, en)) for number, (zh, en) in enumerate(places.TOWNS, start=1)}
    persona = _text(places.PERSONA_UNION)
    names = [
        {"zh": f"{zh}{field_zh}工会", "en": f"{en} {field_en} Union"}
        for (zh, en), (field_zh, field_en) in itertools.product(places.FIRM_NAMES, places.FIELDS)
    ]
    names.remove(persona)
    names_by_town: dict[str, list[dict[str, str]]] = {zh: [] for zh in towns}
    for name in rng.sample(names, count - 1):
        names_by_town[rng.choice(list(towns))].append(name)
    names_by_town[places.PERSONA_TOWN[0]].insert(0, persona)
    grassroots = [
        union
        for number, (zh, en) in enumerate(places.TOWNS, start=1)
        for union in unions.found_many(
            names=names_by_town[zh],
            level=Level.GRASSROOTS,
            parent=towns[zh],
            contacts=[_contact(number * 1_000 + at, zh, en) for at in range(len(names_by_town[zh]))],
        )
    ]
    return Tree(root, towns, grassroots)


def _town(zh: str, en: str, root: UnionView, contact: Contact) -> UnionView:
    name = {"zh": f"{zh}总工会", "en": f"{en} Federation of Trade Unions"}
    return unions.found(name=name, level=Level.TOWN, parent=root, contact=contact)


def _contact(number: int, zh: str, en: str) -> Contact:
    """A telephone that nobody has, a street that is nowhere, and a place in open water."""
    road_zh, road_en = places.ROADS[number % len(places.ROADS)]
    house = number * 7 % 199 + 1
    address = {"zh": f"{zh}{road_zh} {house} 号", "en": f"{house} {road_en}, {en}"}
    south, east = number * 37 % 1_000, number * 613 % 1_000
    return Contact(
        _phone(90_000_000 + number), address, Place(round(29.5 - south / 5_000, 4), round(124 + east / 5_000, 4))
    )


def enrol(rng: random.Random, tree: Tree, *, count: int, now: datetime.datetime, advance: Advance) -> list[Person]:
    """The persona first. Large unions have many members, small ones few."""
    shares = [min(rng.paretovariate(1.1), LARGEST) for _ in tree.grassroots[1:]]
    sizes = list(itertools.accumulate([LARGEST, *shares]))
    everybody: list[Person] = []
    while len(everybody) < count:
        homes = rng.choices(tree.grassroots, cum_weights=sizes, k=min(CHUNK, count - len(everybody)))
        batch = [_new_member(rng, number, home, now) for number, home in enumerate(homes, start=len(everybody))]
        if not everybody:
            homes[0], batch[0] = tree.of_persona, _persona(tree)
        everybody += _write(len(everybody), batch, homes, now)
        advance(len(batch))
    return everybody


def _write(first: int, batch: list[NewMember], homes: list[UnionView], now: datetime.datetime) -> list[Person]:
    ids = members.enrol_many(batch)
    card_ids = cards.issue_many(member_ids=ids, actor="job:demo", now=now - MOVED_IN)
    return [
        Person(member_id, card_id, member.name, member.standing, home.path, member.phone, _sex(number))
        for number, (member_id, card_id, member, home) in enumerate(
            zip(ids, card_ids, batch, homes, strict=True), start=first
        )
    ]


def _persona(tree: Tree) -> NewMember:
    return NewMember(PERSONA, tree.of_persona.id, datetime.date(2021, 3, 8), _phone(0), document=document_of(0))


def _new_member(rng: random.Random, number: int, home: UnionView, now: datetime.datetime) -> NewMember:
    standing = rng.choices(list(STANDINGS), weights=list(STANDINGS.values()))[0]
    years = rng.uniform(18, 34) if standing is Standing.RETIRED else 15 * rng.random() ** 1.5
    joined_on = local_date(now - MOVED_IN - datetime.timedelta(days=365 * years))
    # Some have told no phone, and some share that of a wife or a father.
    dice = rng.random()
    phone = None if dice < 0.02 else _phone(rng.randrange(number + 1)) if dice < 0.04 else _phone(number)
    if number == TRIAL.number:
        name, phone, standing = TRIAL.name, _phone(number), Standing.ACTIVE
    else:
        name = draw(rng, _sex(number))
    return NewMember(name, UnionId(home.id), joined_on, phone, standing, document_of(number))


def document_of(number: int) -> Document:
    """An identity card of region 110199, which no place has; its check digit is right, and it says birth and sex."""
    born_on, sex = datetime.date(1966, 1, 1) + datetime.timedelta(days=(number * 11 + 8_500) % 14_000), _sex(number)
    within_day = 2 * (number // 14_000) + (1 if sex is Sex.MALE else 2)
    seventeen = f"110199{born_on:%Y%m%d}{within_day:03d}"
    return Document(DocumentType.MAINLAND, seventeen + check_digit(seventeen), born_on, sex)


def _sex(number: int) -> Sex:
    """The persona and the one who tries the binding are women, as are three of seven."""
    return Sex.FEMALE if number % 7 in (0, 2, 4) else Sex.MALE


def _phone(number: int) -> str:
    """Eleven digits that no mobile can have: those begin with 13 to 19."""
    return f"100{(number * 7_919 + 20_261_127) % 100_000_000:08d}"


def _text(pair: tuple[str, str]) -> dict[str, str]:
    return {"zh": pair[0], "en": pair[1]}
