"""How gunicorn serves the web process: `python -m gunicorn -c python:app.gunicorn wsgi:app`.

The application is loaded before the fork, and nothing connects before it either; so no hook has to undo anything.
"""

import os

from app.environment import SettingsError
from app.settings import load

try:
    _settings = load()
except SettingsError as error:
    raise SystemExit(f"gonghui: {error}") from None

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_workers
threads = _settings.web_threads
preload_app = True

timeout = 30
graceful_timeout = 10
keepalive = 5
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# The application logs requests itself: a path can hold a card code, which must never reach a log.
accesslog = None


def pre_request(_worker: object, _request: object) -> None:
    """Instead of gunicorn's own, which logs the path at the level "debug"."""


errorlog = "-"
loglevel = "debug" if _settings.log_level == "debug" else "warning"

# Which proxies to believe is the application's TRUSTED_PROXIES; gunicorn believes none.
forwarded_allow_ips = ""

# The heartbeat file in memory: on a slow disk a write to it can stall a healthy worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
control_socket_disable = True
umask = 0o077
