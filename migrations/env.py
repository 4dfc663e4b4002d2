"""Runs migrations on the application's engine: one at a time (advisory lock), and never long behind a lock."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from services.core.db import Base, db

LOCK = 0x676F6E67  # "gong"


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Procrastinate's tables are its own: services/core/outbox.py and migrations/procrastinate_*.sql."""
    return not (kind == "table" and (name or "").startswith("procrastinate_"))


def run() -> None:
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text("SELECT pg_advisory_lock(:lock)").bindparams(lock=LOCK))
        connection.commit()
        try:
            context.configure(connection=connection, target_metadata=Base.metadata, include_name=ours, **options)
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)").bindparams(lock=LOCK))
            connection.commit()


run()
