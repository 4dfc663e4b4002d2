"""Numbers that people entrust to us are nowhere to be read: not in a dump, the queue, the logs, the files."""

import base64
import dataclasses
import re
import subprocess
import uuid
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.backup import tools
from services.accounts.types import CodeFor
from services.core import clock
from services.members import corrections
from services.members import service as members
from services.members.documents import Document, DocumentType, document
from services.members.types import LookReason, NewMember
from tests.builders.world import World
from tests.commands.operating import Done, run
from tests.harness.processes import Processes, until

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(serial: int) -> str:
    """A valid number in a district that does not exist."""
    begin = f"12019919900307{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(begin, WEIGHTS, strict=True))
    return begin + "10X98765432"[total % 11]


@dataclasses.dataclass(frozen=True)
class Planted:
    """What must not be found: a number of each kind on every way into the house."""

    ids: tuple[str, ...] = tuple(id_number(n) for n in range(101, 107))
    phones: tuple[str, ...] = tuple(f"1007310{n:04d}" for n in range(1, 7))
    card: str = "9558820073100177"

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*self.ids, *self.phones, self.card)


PLANTED = Planted()


def paper(number: str) -> Document:
    found = document(DocumentType.MAINLAND, number)
    assert isinstance(found, Document), found
    return found


class Client:
    """Somebody on the API of the real web process, who reads his codes on its terminal."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self.headers: dict[str, str] = {}

    def post(self, path: str, status: int, **body: Any) -> dict[str, Any]:
        got, answer = self._processes.post(f"/api/v1{path}", body, self.headers)
        assert got == status, (path, got, answer, self._processes.tail())
        return answer

    def prove(self, path: str, status: int, phone: str, purpose: CodeFor) -> dict[str, Any]:
        before = len(self._codes())
        asked = self.post("/phone-codes", 201, phone=phone, purpose=purpose)
        until(lambda: len(self._codes()) > before, "the code was sent")
        return self.post(path, status, request=asked["request"], code=self._codes()[-1])

    def _codes(self) -> list[str]:
        return re.findall(r"code for \S+: (\d{6})", self._processes.log.read_text())


@pytest.fixture
def house(processes: Processes) -> Processes:
    """Web and worker that say all they ever say."""
    processes._environment["LOG_LEVEL"] = "debug"
    processes.start()
    processes.wait_ready()
    return processes


def enter_by_hand(world: World) -> None:
    person = NewMember("李春梅", world.union.id, clock.now().date(), PLANTED.phones[0], document=paper(PLANTED.ids[0]),
                       printed_card=PLANTED.card)  # fmt: skip

    def by_officer() -> None:
        member_id = members.enrol_many([person])[0]
        officer = {"actor": f"officer:{uuid.uuid4()}", "scopes": (world.town.path,), "now": clock.now()}
        corrections.unmask(member_id=member_id, reason=LookReason.ASKED, note="", **officer)  # type: ignore[arg-type]

    world.do(by_officer)


def enter_by_sheet(environment: dict[str, str], folder: Path) -> Done:
    """A good row, and one whose number cannot be: it stays in the staging, to be mended."""
    wrong = PLANTED.ids[2][:-1] + ("1" if PLANTED.ids[2][-1] != "1" else "2")
    rows = [
        "姓名,证件号码,手机号码,工会名称",
        f"王建国,{PLANTED.ids[1]},{PLANTED.phones[1]},恒沛精密工会",
        f"赵大海,{wrong},{PLANTED.phones[2]},恒沛精密工会",
    ]
    sheet = folder / f"花名册{PLANTED.phones[2]}.csv"
    sheet.write_text("\n".join(rows), encoding="utf-8-sig")
    return run(environment, "roster", "import", str(sheet), "--union", "恒沛精密工会", "--apply")


def enter_by_binding(house: Processes, world: World) -> None:
    """A code to sign in, a code to bind, a claim that lies in the tray, one that is refused for its number."""
    visitor = Client(house)
    session = visitor.prove("/session/phone", 201, PLANTED.phones[3], CodeFor.SIGN_IN)
    visitor.headers = {"Authorization": f"Bearer {session['token']}"}
    visitor.prove("/binding/phone", 200, PLANTED.phones[4], CodeFor.BINDING)
    said = {"name": "孙晓", "document_type": "mainland", "union_id": str(world.union.id), "consent_version": "2026-11"}
    visitor.post("/binding", 422, **said, document_number=PLANTED.ids[3][:-2])
    assert visitor.post("/binding", 201, **said, document_number=PLANTED.ids[3])["state"] == "open"


def enter_by_correction(house: Processes, world: World) -> None:
    member = Client(house)
    member.headers = world.bearer(world.member())
    member.post("/me/data/corrections", 201, phone=PLANTED.phones[5], document_number=PLANTED.ids[4])
    member.post("/me/data/corrections", 409, phone=PLANTED.phones[5], document_number=PLANTED.ids[5])


def dumped(environment: dict[str, str]) -> bytes:
    """Everything that the database holds, as SQL: tables of ours and of the queue."""
    command = tools.tools_for(18).command("pg_dump", "--format=plain")
    url = environment["DATABASE_URL"]
    done = subprocess.run(command, env=tools.environment(url), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def looks(secret: str) -> set[bytes]:
    """How a number may stand somewhere: plain, as hex, in base64 at any of the three places it may begin."""
    plain = secret.encode()
    shifted = {base64.b64encode(b"x" * shift + plain)[4:-4] for shift in range(3)}
    return {plain, plain.hex().encode(), secret.encode("utf-16-le"), *shifted}


def test_a_planted_number_is_nowhere_to_be_read(
    house: Processes, world: World, environment: dict[str, str], tmp_path: Path, sql: psycopg.Connection
) -> None:
    enter_by_hand(world)
    sheet = enter_by_sheet(environment, tmp_path)
    assert sheet.returncode == 3, (sheet.stdout, sheet.stderr)  # one row is faulty
    enter_by_binding(house, world)
    enter_by_correction(house, world)
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'messages' AND status = 'todo'"
    with_queue = dumped(environment)
    until(lambda: sql.execute(waiting).fetchone() == (0,), f"the worker told everybody; {house.tail()}")
    instance = Path(environment["INSTANCE_DIR"])
    files = [path for path in instance.rglob("*") if path.is_file()]
    places = {
        "the dump with the queue": with_queue,
        "the dump": dumped(environment),
        "the logs": house.log.read_bytes(),
        "what the command said": (sheet.stdout + sheet.stderr).encode(),
        "the files": b"\0".join(str(path).encode() + path.read_bytes() for path in files),
    }
    assert b"CREATE TABLE public.procrastinate_jobs" in places["the dump"]
    assert len(places["the logs"]) > 1000
    assert files, "the raw sheet is kept"
    assert sql.execute("SELECT count(*) FROM roster_rows WHERE payload IS NOT NULL").fetchone() == (2,)
    found = [
        (secret, place)
        for place, data in places.items()
        for secret in PLANTED.secrets
        if any(look in data for look in looks(secret))
    ]
    assert found == []


def test_a_number_in_clear_would_be_found(app: object, environment: dict[str, str], sql: psycopg.Connection) -> None:
    secret = PLANTED.ids[0]
    sql.execute("CREATE TABLE planted (text text, bytes bytea, b64 text)")
    try:
        for column, value in (
            ("text", secret),
            ("bytes", secret.encode()),
            ("b64", base64.b64encode(secret.encode()).decode()),
        ):
            sql.execute("TRUNCATE planted")
            sql.execute(f"INSERT INTO planted ({column}) VALUES (%s)".encode(), [value])
            assert any(look in dumped(environment) for look in looks(secret)), column
    finally:
        sql.execute("DROP TABLE planted")
