"""Whether `flask prepare` has anything to do. Asked before each start: loading the command takes as long as the web."""

import psycopg

from app.settings import PROJECT


def nothing_to_do(database_url: str, *, demo: bool) -> bool:
    """True when the schema is at the newest migration and, where the demo is wanted, its district is there.

    False whenever that cannot be told: then `prepare` finds out, and says what is wrong.
    """
    migrations = (PROJECT / "migrations" / "versions").glob("[0-9]*.py")
    newest = max((path.name.partition("_")[0] for path in migrations), default="")
    try:
        with psycopg.connect(database_url.replace("+psycopg", "", 1), connect_timeout=10) as connection:
            version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            loaded = connection.execute("SELECT EXISTS (SELECT FROM unions)").fetchone()
    except psycopg.Error:
        return False
    return version == (newest,) and (not demo or loaded == (True,))
