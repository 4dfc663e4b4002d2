"""Two machines for operators' commands: the one of the tests, and an empty one beside it."""

import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from services.core.files import files
from tests.builders.world import World
from tests.commands.operating import Environment

SECRET = b"scan of an identity card" * 1000


@pytest.fixture
def source(environment: Environment) -> Environment:
    return {**environment, "BACKUP_KEY": secrets.token_hex(32)}


@pytest.fixture
def target(source: Environment, tmp_path: Path) -> Iterator[Environment]:
    """The environment of another machine: an empty database and an empty folder."""
    name = f"restored_{uuid.uuid4().hex[:12]}"
    url = source["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        there = urlsplit(url)._replace(path=f"/{name}").geturl()
        yield {**source, "DATABASE_URL": there, "INSTANCE_DIR": str(tmp_path / "there")}
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def kept(world: World) -> Iterator[str]:
    """A member whose card is frozen, of which a message waits to tell; and a file."""
    member = world.member()
    world.shop()
    client = world.app.test_client()
    answer = client.post("/api/v1/me/card/freeze", headers=world.bearer(member), json={})
    assert answer.status_code == 200
    key = files.put(SECRET)
    yield key
    for key in list(files.walk()):
        files.delete(key)
