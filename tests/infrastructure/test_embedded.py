"""The embedded servers start, keep or lose data, stop, and never outlive the program that started them."""

import asyncio
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tools.embedded.broker import EmbeddedBroker
from tools.embedded.database import EmbeddedPostgres
from tools.embedded.process import EmbeddedError, Process, accepts, free_port

ROOT = Path(__file__).parents[2]
CHILD = """
import sys
from tools.embedded.{module} import {name}
server = {name}()
server.start()
print(server.pid, server.port, server._folder, flush=True)
sys.stdin.read()
"""


def ended(pidfd: int) -> bool:
    """Wait up to half a minute for a process that is not our child."""
    return bool(select.select([pidfd], [], [], 30)[0])


def guard_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux, to wait for processes of others")
@pytest.mark.parametrize(("module", "name"), [("broker", "EmbeddedBroker"), ("database", "EmbeddedPostgres")])
def test_a_server_ends_and_cleans_up_when_its_program_is_killed(module: str, name: str) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(module=module, name=name)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    pid, port, folder = program.stdout.readline().split()
    assert accepts(int(port))
    server, guard = os.pidfd_open(int(pid)), os.pidfd_open(guard_of(int(pid)))

    program.send_signal(signal.SIGKILL)
    program.communicate()

    assert ended(server)
    assert ended(guard)
    assert not accepts(int(port))
    assert not Path(folder).exists()


def test_a_broker_is_gone_after_the_block() -> None:
    with EmbeddedBroker() as broker:
        assert accepts(broker.port)
        assert broker.bootstrap == f"127.0.0.1:{broker.port}"
    assert not accepts(broker.port)
    assert broker.pid is None


def test_two_servers_at_once_have_different_ports() -> None:
    with EmbeddedBroker() as one, EmbeddedBroker() as two:
        assert accepts(one.port)
        assert accepts(two.port)
        assert one.port != two.port


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other accounts can access, unlike `tmp_path`."""
    path = Path(tempfile.mkdtemp())
    yield path
    shutil.rmtree(path)


async def test_a_database_keeps_its_rows_after_a_kill_and_with_another_server(
    folder: Path,
) -> None:
    async def value(server: EmbeddedPostgres, statement: str) -> object:
        connection = await asyncpg.connect(server.dsn())
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    with EmbeddedPostgres(folder, fsync=False) as first:
        await value(first, "create table fact (id int)")
        await value(first, "insert into fact values (1)")
        first.kill()
        first.start()
        await value(first, "insert into fact values (2)")
    with EmbeddedPostgres(folder) as second:
        assert await value(second, "select array_agg(id order by id) from fact") == [1, 2]


async def test_a_database_killed_during_a_long_query_starts_again_with_all_commits() -> None:
    with EmbeddedPostgres(fsync=False) as server:
        writer = await asyncpg.connect(server.dsn())
        await writer.execute("create table fact (id int)")
        busy = await asyncpg.connect(server.dsn())
        query = asyncio.create_task(busy.execute("select count(*) from generate_series(1, 1000000000)"))
        for number in range(100):
            await writer.execute("insert into fact values ($1)", number)

        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)

        with pytest.raises((asyncpg.PostgresError, OSError)):
            await query
        reader = await asyncpg.connect(server.dsn())
        assert await reader.fetchval("select count(*) from fact") == 100
        await reader.close()


async def test_a_database_refuses_a_wrong_password() -> None:
    with EmbeddedPostgres(fsync=False) as server:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.dsn(password="guessed"))
        connection = await asyncpg.connect(server.dsn())
        assert await connection.fetchval("show max_connections") == "200"
        await connection.close()


def test_a_temporary_folder_is_removed_even_after_a_kill() -> None:
    server = EmbeddedPostgres(fsync=False)
    server.start()
    folder = server._folder
    assert folder is not None
    server.kill()
    assert folder.exists()
    server.close()
    assert not folder.exists()


def test_a_server_that_ends_during_its_start_is_an_error_with_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('the port is taken'); raise SystemExit(1)"]
    process = Process("the server", command, log=tmp_path / "log")
    with pytest.raises(EmbeddedError, match=r"the server ended during its start:\nthe port is taken"):
        process.wait_until(lambda: False, seconds=30)


def test_a_missing_program_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"the server could not be started: .*/no/such/program"):
        Process("the server", ["/no/such/program"], log=tmp_path / "log")


def test_a_process_that_ignores_the_stop_signal_is_killed(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import signal; signal.signal(15, signal.SIG_IGN); print(1); signal.pause()",
    ]
    process = Process("the server", command, log=tmp_path / "log", grace_seconds=0.2)
    process.wait_until(lambda: (tmp_path / "log").exists(), seconds=30)
    process.end("stop")
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_ports_are_free_and_below_those_of_outgoing_connections() -> None:
    port = free_port()
    assert not accepts(port)
    assert port < 32_768
