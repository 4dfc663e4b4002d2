"""A project with the real supervisor, and with a web, worker and preparation that do nothing and so start at once."""

import shutil
from pathlib import Path

from tests.commands.start import PROJECT

_REAL = ("children", "claims", "embedded", "environment", "gunicorn", "prepared", "settings", "supervisor", "venv")
_WSGI = """
from flask import Flask

app = Flask(__name__)
app.add_url_rule("/healthz", view_func=lambda: "ok")
app.cli.command("prepare")(lambda: None)
"""
_WORKER = """
import signal

signal.signal(signal.SIGTERM, lambda *_: exit(0))
while True:
    signal.pause()
"""


def build(folder: Path) -> Path:
    """Returns `folder`, made."""
    (folder / "app").mkdir(parents=True)
    for name in _REAL:
        shutil.copy(PROJECT / "app" / f"{name}.py", folder / "app")
    (folder / "app" / "__init__.py").touch()
    (folder / "app" / "worker.py").write_text(_WORKER)
    (folder / "wsgi.py").write_text(_WSGI)
    return folder
