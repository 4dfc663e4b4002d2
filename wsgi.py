"""For gunicorn and the flask command: `gunicorn wsgi:app`, `flask --app wsgi …`."""

from app.factory import create_app
from app.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    raise SystemExit(f"gonghui: {error}") from None
