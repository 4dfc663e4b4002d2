"""The embedded PostgreSQL: made, found again, and recovered from what a killed one leaves."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from app import embedded
from app.embedded import EmbeddedError, cluster

FAST = {"fsync": "off"}


def _ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def _lives(pid: int) -> bool:
    """Whether it runs; a dead one that its new parent has not buried yet has no command line."""
    process = Path(f"/proc/{pid}/cmdline")
    return process.exists() and process.read_bytes() != b""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("original") / "postgresql"
    with cluster(directory, settings=FAST) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    return directory


@pytest.fixture
def made(original: Path, tmp_path: Path) -> Path:
    """A cluster that was used and stopped in order: a copy, since initdb takes longer than most of these tests."""
    subprocess.run(["cp", "-a", original, tmp_path / "postgresql"], check=True)
    return tmp_path / "postgresql"


def test_data_is_there_again_on_the_next_start(made: Path) -> None:
    with cluster(made, settings=FAST) as url:
        assert _ask(url, "SELECT number FROM kept") == 7


def test_the_cluster_speaks_utf8_and_utc_and_listens_on_no_port(made: Path) -> None:
    with cluster(made, settings={**FAST, "work_mem": "5MB"}) as url:
        assert _ask(url, "SELECT current_setting('server_encoding') || upper('é工')") == "UTF8É工"
        assert _ask(url, "SELECT current_setting('timezone')") == "UTC"
        assert _ask(url, "SELECT current_setting('listen_addresses')") == ""
        assert _ask(url, "SELECT current_setting('work_mem')") == "5MB"


def test_the_socket_folder_is_private_and_goes_with_the_server(tmp_path: Path) -> None:
    server = embedded.start(tmp_path / "postgresql", settings=FAST)
    mode = server.sockets.stat().st_mode
    server.stop()
    assert mode & 0o777 == 0o700
    assert not server.sockets.exists()
    assert server.process.returncode == 0


def test_a_long_path_with_spaces_and_chinese_works(tmp_path: Path) -> None:
    directory = tmp_path / "工会 会员 服务" / ("a folder with a long name and spaces " * 4).strip() / "postgresql"
    assert len(os.fsencode(directory)) > 200
    with cluster(directory, settings=FAST) as url:
        assert _ask(url, "SELECT 1") == 1


def test_an_initdb_killed_half_way_is_begun_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgresql" / "data.new"
    (half / "base").mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with cluster(tmp_path / "postgresql", settings=FAST) as url:
        assert _ask(url, "SELECT 1") == 1
    assert not half.exists()


def test_a_cluster_of_another_major_version_is_refused_with_what_to_do(made: Path) -> None:
    (made / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 16 and this is 18: move it away .* DATABASE_URL"):
        embedded.start(made)


@pytest.mark.parametrize("content", ["", "nonsense\n", "999999999\n/elsewhere\n", "{ours}\n/elsewhere\n"])
def test_a_pid_file_of_nobody_or_of_another_process_is_no_obstacle(made: Path, content: str) -> None:
    (made / "data" / "postmaster.pid").write_text(content.format(ours=os.getpid()))
    with cluster(made, settings=FAST) as url:
        assert _ask(url, "SELECT number FROM kept") == 7


def test_a_server_ends_when_its_parent_is_killed(made: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from app import embedded;"
        "server = embedded.start(Path(sys.argv[1])); print(server.process.pid, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    parent = subprocess.run([sys.executable, "-c", code, str(made)], capture_output=True, check=False)
    assert parent.returncode == -9
    # On a system where children outlive their parent, it is this start that ends the leftover.
    with cluster(made, settings=FAST) as url:
        assert _ask(url, "SELECT number FROM kept") == 7
    assert not _lives(int(parent.stdout))


def test_a_server_left_running_is_stopped_by_the_next_start(made: Path) -> None:
    leftover = embedded.start(made, settings=FAST)
    with cluster(made, settings=FAST) as url:
        assert leftover.process.wait(60) == 0
        assert _ask(url, "SELECT number FROM kept") == 7


def test_a_failed_start_says_why_in_one_line(made: Path) -> None:
    with pytest.raises(EmbeddedError, match="no_such_parameter") as refusal:
        embedded.start(made, settings={"no_such_parameter": "1"})
    assert "\n" not in str(refusal.value)


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EmbeddedError, match="cannot start") as refusal:
        embedded.start(tmp_path / "file" / "postgresql")
    assert "\n" not in str(refusal.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a cluster away")
def test_as_root_a_cluster_that_was_given_to_root_works_again(made: Path) -> None:
    shutil.chown(made / "data", 0, 0)
    with cluster(made, settings=FAST) as url:
        assert _ask(url, "SELECT number FROM kept") == 7
