"""The draw (摇号), for the service and for anybody who runs it again.

This one file needs Python 3.9 or later and nothing else: `python draw.py draw.json entries.csv`. docs/draw.md explains
it, docs/decisions/0027-the-draw.md has the reasons. Whatever decides is a SHA-256 over plain text, so that `sha256sum`
can follow it by hand; <seed> and <list digest> stand in it as small hexadecimal digits:

    commitment   gonghui-draw/1|commitment|<event>|<seed>
    list digest  the bytes of entries.csv
    ticket       gonghui-draw/1|ticket|<seed>|<list digest>|<number>|<1, 2, … of its tickets>
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

SCHEME, VERSION = "gonghui-draw", 1
MOST_TICKETS = 4
SEED_BYTES = 32

_PREFIX = f"{SCHEME}/{VERSION}"
_NUMBER = "[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}"
_EVENT = "[0-9A-Za-z-]{1,64}"

#: What draw.json says, as JSON: _FIELDS has its fields.
Record = dict[str, Any]
#: Whether something fits, and a sentence in Chinese and in English.
Finding = tuple[bool, str, str]


@dataclass(frozen=True)
class Entry:
    """One entry: its number as published (`spelled`), 1 to MOST_TICKETS tickets, and how many places it needs of each
    quota, by the quota's ordinal. Each needs at least one of quota 0, the event's total."""

    number: str
    tickets: int
    needs: Mapping[int, int]


class Outcome(NamedTuple):
    """Numbers, each list in the order of the draw."""

    winners: list[str]
    waiting: list[str]


class Odds(NamedTuple):
    """How entries with so many tickets fared. `ratio` is to the chance of those with the fewest; 95 % of such intervals
    of `ratio` ± `reach` hold the true one."""

    tickets: int
    entries: int
    chance: float
    ratio: float
    reach: float


class Malformed(ValueError):
    """A file that is not one of ours: where, counted from 1, and what is wrong there in Chinese and in English."""

    def __init__(self, line: int, column: int, zh: str, en: str) -> None:
        super().__init__(f"第 {line} 行第 {column} 列：{zh}。 Line {line}, column {column}: {en}.")


def spelled(number: str) -> str:
    """The number as it is published, 7K3M-9QXZ, from what is stored or typed: small letters, no dash, O for 0, I or L
    for 1. Whatever else was typed fits no entry."""
    plain = re.sub(r"[\s-]", "", number.upper()).translate(str.maketrans("OIL", "011"))
    return f"{plain[:4]}-{plain[4:]}"


def commitment(event: str, seed: bytes) -> str:
    """The promise that is published with the event, before anybody enters. ValueError unless the seed has 32 bytes."""
    if len(seed) != SEED_BYTES or not re.fullmatch(_EVENT, event):
        raise ValueError("A draw needs the event's id and a seed of 32 bytes")
    return hashlib.sha256(f"{_PREFIX}|commitment|{event}|{seed.hex()}".encode()).hexdigest()


def list_digest(entries: Iterable[Entry], quotas: int) -> str:
    """SHA-256 of `write_entries`: what `sha256sum entries.csv` prints."""
    return hashlib.sha256(write_entries(entries, quotas)).hexdigest()


def ticket_keys(seed: bytes, digest: str) -> Callable[[Entry], list[bytes]]:
    """The function that gives the keys of an entry's tickets in this draw."""
    drum = hashlib.sha256(f"{_PREFIX}|ticket|{seed.hex()}|{digest}|".encode())

    def key(number: str, ticket: int) -> bytes:
        one = drum.copy()
        one.update(f"{number}|{ticket}".encode())
        return one.digest()

    return lambda entry: [key(entry.number, ticket) for ticket in range(1, entry.tickets + 1)]


def order(seed: bytes, digest: str, entries: Iterable[Entry]) -> list[Entry]:
    """The entries in the order of the draw; in what order they are handed in makes no difference.

    Each ticket has a key, and an entry stands where its smallest key stands. Keys are as good as random numbers, so all
    tickets come in any order with equal chance: as if all were shuffled in one drum and taken out one by one, passing
    over those whose entry is out already. Whoever is next is therefore drawn among the entries that are left, with
    chances by their tickets: weighted drawing without replacement, and nothing is rounded. The digest of the list is
    part of each key: one entry more or changed is another draw of all.
    """
    keys = ticket_keys(seed, digest)
    return sorted(entries, key=lambda entry: (min(keys(entry)), entry.number))


def walk(ordered: Iterable[Entry], capacities: Sequence[int]) -> Iterator[tuple[Entry, list[int]]]:
    """Each entry in turn, with the quotas that had no room for all of it: if there are none, it has its places."""
    room = list(capacities)
    for entry in ordered:
        full = [quota for quota, places in entry.needs.items() if room[quota] < places]
        if not full:
            for quota, places in entry.needs.items():
                room[quota] -= places
        yield entry, full


def allot(ordered: Iterable[Entry], capacities: Sequence[int]) -> Outcome:
    """Places in the order of the draw, all or none for each entry, if every quota that it counts against has room. Who
    finds no room waits, in the order of the draw; a smaller entry behind may still fit."""
    outcome = Outcome([], [])
    for entry, full in walk(ordered, capacities):
        (outcome.waiting if full else outcome.winners).append(entry.number)
    return outcome


def hold(
    *, event: str, title: str, seed: bytes, entries: Sequence[Entry], capacities: Sequence[int], drawn_at: datetime
) -> Record:
    """The whole draw, as the record to publish. `capacities` are the places that it may give of quota 0, 1, …

    ValueError for an entry, a capacity or a seed that the files cannot say."""
    digest = list_digest(entries, len(capacities))
    outcome = allot(order(seed, digest, entries), capacities)
    record: Record = {
        "scheme": SCHEME,
        "version": VERSION,
        "event": event,
        "title": "".join(one if one.isprintable() else " " for one in title),
        "commitment": commitment(event, seed),
        "seed": seed.hex(),
        "entries_sha256": digest,
        "quotas": [{"label": f"Q{ordinal}", "capacity": capacity} for ordinal, capacity in enumerate(capacities)],
        **outcome._asdict(),
        "drawn_at": drawn_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return read_record(write_record(record))


def write_entries(entries: Iterable[Entry], quotas: int) -> bytes:
    """entries.csv: a row for each entry, by number. ValueError if an entry is not what a row can say, or is twice."""
    columns = _columns(quotas)
    row, lines = re.compile(",".join(columns.values())), []
    for entry in entries:
        needs = (str(entry.needs.get(quota, 0)) for quota in range(quotas))
        lines.append(",".join((entry.number, str(entry.tickets), *needs)))
        if not row.fullmatch(lines[-1]) or not all(0 <= quota < quotas for quota in entry.needs):
            raise ValueError(f"Entry {entry.number}: number, tickets or needs that no row can say")
    lines.sort()
    if len({line[:9] for line in lines}) < len(lines):
        raise ValueError("Two entries have the same number")
    return "\n".join([",".join(columns), *lines, ""]).encode()


def read_entries(data: bytes, quotas: int) -> list[Entry]:
    """The entries of entries.csv. Malformed at anything that `write_entries` does not write, so that one list has one
    digest."""
    columns = _columns(quotas)
    header, row = ",".join(columns), re.compile(",".join(columns.values()))
    lines, entries, before = _text(data).split("\n"), list[Entry](), ""
    if lines[0] != header:
        raise Malformed(1, 1, f"第一行应当是 {header}", f"the first line must be {header}")
    if lines.pop():
        raise Malformed(len(lines) + 1, 1, "这一行没有写完，文件不完整", "this line has no end: the file was cut off")
    for at, line in enumerate(lines[1:], 2):
        if not row.fullmatch(line):
            raise _fault(at, line, columns)
        number, tickets, *needs = line.split(",")
        if number <= before:
            raise Malformed(at, 1, "编号重复，或没有按编号排列", "number twice, or not in the order of numbers")
        entries.append(Entry(number, int(tickets), {quota: int(n) for quota, n in enumerate(needs) if n != "0"}))
        before = number
    return entries


def _columns(quotas: int) -> dict[str, str]:
    """Names of columns and how their values look."""
    places = {f"Q{quota}": "(?:0|[1-9][0-9]{0,6})" for quota in range(1, quotas)}
    return {"number": _NUMBER, "tickets": f"[1-{MOST_TICKETS}]", "Q0": "[1-9][0-9]{0,6}", **places}


def _fault(at: int, line: str, columns: Mapping[str, str]) -> Malformed:
    """What is wrong with a row that is none."""
    column, fields = 1, line.split(",")
    for (name, form), field in zip(columns.items(), fields):
        if not re.fullmatch(form, field):
            return Malformed(at, column, f"{name} 不能是 {ascii(field)[:40]}", f"{name} cannot be {ascii(field)[:40]}")
        column += len(field) + 1
    zh, en = f"应有 {len(columns)} 列，这里有 {len(fields)} 列", f"{len(columns)} columns wanted, not {len(fields)}"
    return Malformed(at, len(line) + 1, zh, en)


def write_record(record: Record) -> bytes:
    """draw.json."""
    fields = {field: record.get(field) for field in _FIELDS}
    return (json.dumps(fields, ensure_ascii=False, indent=1) + "\n").encode(errors="replace")


_LISTS = {"quotas": 4, "winners": 1, "waiting": 1}  # and the lines of an item
_HEX, _ONE_LINE = '"[0-9a-f]{64}"', r'"(?:\\["\\]|[^"\\\x7f-\x9f\u2028-\u202e\u2066-\u2069])*"'
#: Each field of draw.json: how its value looks in JSON, or each item of its list; and an example.
_FIELDS = {
    "scheme": (f'"{SCHEME}"', SCHEME),
    "version": (str(VERSION), str(VERSION)),
    "event": (f'"{_EVENT}"', "01980c4e-…"),
    "title": (_ONE_LINE, "一行文字 (one line of text)"),
    **dict.fromkeys(("commitment", "seed", "entries_sha256"), (_HEX, "64 × 0-9 a-f")),
    "quotas": (r'\{"capacity": [0-9]{1,7}, "label": "Q%d"\}', '{"label": "Q0", "capacity": 40}, …'),
    **dict.fromkeys(("winners", "waiting"), (f'"{_NUMBER}"', "7K3M-9QXZ")),
    "drawn_at": (r'"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ"', "2026-07-21T07:00:00Z"),
}


def read_record(data: bytes) -> Record:
    """What draw.json says. Malformed at anything that `write_record` does not write."""
    text = _text(data)
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError) as fault:
        line, column = getattr(fault, "lineno", 1), getattr(fault, "colno", 1)
        raise Malformed(line, column, "这里不是合格的 JSON", "no valid JSON") from None
    again = write_record(raw).decode() if isinstance(raw, dict) else ""
    if text != again:
        same = next((at for at, (one, other) in enumerate(zip(text, again)) if one != other), len(again))
        raise Malformed(*_place(text[:same]), "从这里起与规定的写法不同", "from here on not as draw.json is written")
    for key, (form, example) in _FIELDS.items():
        line = _place(text[: text.index(f'\n "{key}": ')])[0] + 1
        looks = (f"{key} 应当像 {example}", f"{key} must look like {example}")
        if (key in _LISTS) != isinstance(raw[key], list) or (key == "quotas" and not raw[key]):
            raise Malformed(line, len(key) + 6, *looks)
        for nth, part in enumerate(raw[key] if key in _LISTS else [raw[key]]):
            said = json.dumps(part, ensure_ascii=False, sort_keys=True)
            if not re.fullmatch(form % nth if key == "quotas" else form, said):
                at = (line + 1 + nth * _LISTS[key], 3) if key in _LISTS else (line, len(key) + 6)
                raise Malformed(*at, *looks)
    return dict(raw)


def _text(data: bytes) -> str:
    try:
        text, fault = data.decode(), re.search("^\ufeff|\r", data.decode())
        before = text[: fault.start()] if fault else None
    except UnicodeDecodeError as broken:
        before = data[: broken.start].decode()
    if before is not None:
        zh, en = "文件被别的程序另存过，请重新下载", "another program has saved this file: download it again"
        raise Malformed(*_place(before), zh, en)
    return text


def _place(before: str) -> tuple[int, int]:  # of what comes after it
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def check(record: Record, entries: Sequence[Entry], digest: str, noted: str | None = None) -> list[Finding]:
    """Draws again from what was published, and says of each thing whether it fits. `digest` is of the list at hand,
    `noted` the commitment that somebody wrote down before the draw."""
    seed, promise = bytes.fromhex(record["seed"]), record["commitment"]
    again = allot(order(seed, digest, entries), _capacities(record))
    looked = [
        (promise == noted, "承诺值与您事先记下的{}一致", "The commitment is {}the one you noted"),
        (promise == commitment(record["event"], seed), "种子与承诺值{}相符", "The seed does {}fit the commitment"),
        (record["entries_sha256"] == digest, "名单与校验值{}相符", "The list does {}fit its digest"),
    ]
    found = [(fits, zh.format("" if fits else "不"), en.format("" if fits else "NOT ")) for fits, zh, en in looked]
    for key, zh, en in (("winners", "中签", "Winners"), ("waiting", "候补", "Waiting order")):
        why = _difference(record[key], getattr(again, key))
        same = (f"{zh}编号和次序都一致", f"{en}: the same numbers in the same order")
        found.append((not why, *((f"{zh}{why[0]}", f"{en}: {why[1]}") if why else same)))
    return found if noted is not None else found[1:]


def _difference(published: Sequence[str], again: Sequence[str]) -> tuple[str, ...]:
    """How a published list differs from that of the draw run again; empty if it does not."""
    several = [list((Counter(a) - Counter(b)).elements()) for a, b in ((published, again), (again, published))]
    if several[0] or several[1]:
        more, less = (f"{len(some)} {', '.join(some[:5])}{' …' * (len(some) > 5)}".strip() for some in several)
        return f"与重算不同，多出 {more}；缺少 {less}", f"not those drawn again: too many {more}; missing {less}"
    nth = next((nth for nth, pair in enumerate(zip(published, again), 1) if pair[0] != pair[1]), 0)
    return (f"次序不同，从第 {nth} 个起", f"another order, from no. {nth} on") if nth else ()


def stand(record: Record, entries: Sequence[Entry], digest: str, number: str) -> list[str]:
    """Where one entry stands when drawn again, with its tickets' keys, in sentences. Empty if it is not on the list."""
    seed, won, waiting = bytes.fromhex(record["seed"]), 0, 0
    for nth, (entry, full) in enumerate(walk(order(seed, digest, entries), _capacities(record)), 1):
        won, waiting = (won, waiting + 1) if full else (won + 1, waiting)
        if entry.number == number:
            names = ", ".join(f"Q{quota}" for quota in full)
            lost = f"候补第 {waiting} 位：{names} 名额不够。 Waits as no. {waiting}: not enough room left in {names}."
            keys = enumerate(ticket_keys(seed, digest)(entry), 1)
            return [
                f"{number}：{len(entries)} 份中排第 {nth}。 No. {nth} of {len(entries)} in the order.",
                lost if full else f"中签，第 {won} 个。 Wins, as no. {won}.",
                *(f"  签 ticket {ticket}: {key.hex()}" for ticket, key in keys),
            ]
    return []


def odds(entries: Sequence[Entry], capacities: Sequence[int], seeds: Iterable[bytes]) -> Iterator[Odds]:
    """How entries fare by their tickets when drawn with each of `seeds`, which are two or more."""
    digest, size = list_digest(entries, len(capacities)), Counter(entry.tickets for entry in entries)
    rounds = [
        Counter(entry.tickets for entry, full in walk(order(seed, digest, entries), capacities) if not full)
        for seed in seeds
    ]
    shares = {tickets: [won[tickets] / size[tickets] for won in rounds] for tickets in sorted(size)}
    base = shares[min(size)]
    for tickets, share in shares.items():
        ratio = sum(share) / sum(base) if sum(base) else math.nan
        # The error of a ratio of two means: from what is left, draw by draw, when the ratio is taken out.
        rest = sum((one - ratio * other) ** 2 for one, other in zip(share, base)) / (len(rounds) - 1)
        reach = 1.96 * math.sqrt(rest * len(rounds)) / sum(base) if sum(base) else math.nan
        yield Odds(tickets, size[tickets], sum(share) / len(rounds), ratio, reach)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a published draw again. 0: all fits; 1: something differs; 2: it cannot be run."""
    parser = argparse.ArgumentParser(prog="draw.py", description="摇号复算 Run a published draw again.")
    parser.add_argument("record", type=Path, metavar="draw.json")
    parser.add_argument("entries", type=Path, metavar="entries.csv")
    parser.add_argument(
        "--commitment",
        type=lambda typed: typed.strip().lower(),
        metavar="HEX",
        help="摇号前记下的承诺值 as noted before the draw",
    )
    parser.add_argument("--entry", type=spelled, metavar="7K3M-9QXZ", help="查一个编号 where this entry stands")
    parser.add_argument("--odds", type=int, metavar="N", help="模拟 N 次，2 次以上 simulate N draws, two or more")
    asked = parser.parse_args(arguments)
    if asked.odds is not None and asked.odds < 2:
        parser.error("--odds: 2, 3, …")
    at = asked.record
    try:
        record, at = read_record(at.read_bytes()), asked.entries
        data = at.read_bytes()
        entries = read_entries(data, len(record["quotas"]))
    except (Malformed, OSError) as fault:
        print(f"{at.name}: {'打不开这个文件。 Cannot be opened.' if isinstance(fault, OSError) else fault}")
        return 2
    return _report(record, entries, hashlib.sha256(data).hexdigest(), asked)


def _report(record: Record, entries: Sequence[Entry], digest: str, asked: argparse.Namespace) -> int:
    places = ", ".join("{label} {capacity}".format(**quota) for quota in record["quotas"])
    print(f"{record['title']}  {record['event']}  {record['drawn_at']}  {record['scheme']}/{record['version']}")
    print(f"{len(entries)} 份报名 entries；名额 places {places}。请与活动页面核对。 Compare with the event's page.")
    found = check(record, entries, digest, asked.commitment)
    for fits, zh, en in found:
        print(f"[{'相符 OK' if fits else '不符 NO'}] {zh}。 {en}.")
    wrong = sum(not fits for fits, _, _ in found)
    print(f"结果：{wrong} 处不符。 {wrong} differences." if wrong else "结果：全部相符。 The same draw.")
    if asked.entry:
        lines = stand(record, entries, digest, asked.entry)
        print(*lines or [f"名单里没有 {asked.entry}。 {asked.entry} is not on the list."], sep="\n")
        wrong += not lines
    if asked.odds and entries:
        print(f"模拟 {asked.odds} 次：签数、份数、中签机会、是最少签的几倍。 Tickets, entries, chance, ratio (± 95 %):")
        seeds = (secrets.token_bytes(SEED_BYTES) for _ in range(asked.odds))
        for one in odds(entries, _capacities(record), seeds):
            print(f"{one.tickets:3}{one.entries:8}{one.chance:9.2%}{one.ratio:9.3f} ± {one.reach:.3f}")
    return 1 if wrong else 0


def _capacities(record: Record) -> list[int]:
    return [quota["capacity"] for quota in record["quotas"]]


if __name__ == "__main__":
    # A console that has no Chinese shows the English all the same.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(main())
