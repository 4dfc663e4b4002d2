"""The background process: `python -m app.worker`. Ends on SIGTERM or SIGINT; jobs under way get ten seconds."""

import asyncio
import contextlib
import signal
import sys

import procrastinate
import procrastinate.exceptions
import psycopg
import structlog
from flask import Flask

from app import jobs
from app.environment import SettingsError
from app.factory import create_app
from app.settings import Settings

log = structlog.get_logger("gonghui.worker")
HEARTBEAT = 5.0
PAUSE = 1.0
AWAY = (psycopg.OperationalError, procrastinate.exceptions.ConnectorException)


def main() -> int:
    """Runs until it is told to stop; a database that is away is waited for."""
    try:
        app = create_app()
    except SettingsError as error:
        sys.stderr.write(f"gonghui: {error}\n")
        return 2
    asyncio.run(_serve(app))
    return 0


async def _serve(app: Flask) -> None:
    told = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, told.set)
    while not told.is_set():
        try:
            await _work(app, told)
        except AWAY as error:
            log.warning("database away", error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), PAUSE)


async def _work(app: Flask, told: asyncio.Event) -> None:
    """Works until told to stop or until the database goes away; then everything here is made anew.

    The library alone does not notice: its listener ends quietly, its heartbeat ends the worker as if it were asked to.
    """
    queue = jobs.build(app)
    async with (
        await psycopg.AsyncConnection.connect(jobs.conninfo(app), autocommit=True) as watch,
        queue.open_async(),
    ):
        worker = asyncio.create_task(_worker(app, queue))
        ends = [asyncio.create_task(told.wait()), asyncio.create_task(_until_lost(watch))]
        await asyncio.wait([worker, *ends], return_when=asyncio.FIRST_COMPLETED)
        for task in (worker, *ends):
            task.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
        with contextlib.suppress(asyncio.CancelledError):
            await worker


async def _worker(app: Flask, queue: procrastinate.App) -> None:
    settings: Settings = app.config["SETTINGS"]
    await queue.run_worker_async(
        concurrency=settings.worker_concurrency,
        delete_jobs="successful",
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=jobs.DEAD_AFTER,
        shutdown_graceful_timeout=10,
        fetch_job_polling_interval=1.0,
        install_signal_handlers=False,
    )


async def _until_lost(watch: psycopg.AsyncConnection) -> None:
    """Returns when the server closes this connection, which is used for nothing else."""
    with contextlib.suppress(psycopg.OperationalError):
        async for _ in watch.notifies():
            pass


if __name__ == "__main__":
    sys.exit(main())
