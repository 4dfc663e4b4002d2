"""`create_app` puts the house together; no rule lives here."""

from flask import Flask, Response
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from app import blueprints, channels, cli, errors, language, logs, partners, permissions, templating, throttle, uploads
from app.api import api
from app.settings import Settings, load
from services import tables
from services.core.crypto import vault
from services.core.db import db, engine_options
from services.core.files import files
from services.core.signing import signer

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


def create_app(settings: Settings | None = None) -> Flask:
    """Builds the application from the environment, or from given settings. Connects to nothing.

    Raises SettingsError with one line when a setting is bad or missing.
    """
    settings = settings or load()
    logs.configure(settings.log_level)
    app = Flask("app")
    app.request_class = uploads.Request
    app.config.update(
        SETTINGS=settings,
        CSP=CSP,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(pool_size=settings.web_threads),
        MAX_CONTENT_LENGTH=settings.body_limit_kb * 1024,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        API_TITLE="Gonghui",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
        SEND_FILE_MAX_AGE_DEFAULT=86400,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _open_ground(app, settings)
    language.babel.init_app(app, locale_selector=language.locale)
    throttle.register(app, settings)
    partners.register(app, settings)
    channels.register(app, settings)
    logs.register(app)
    uploads.register(app)
    api.init_app(app)
    blueprints.register(app)
    errors.register(app)
    permissions.register(app)
    templating.register(app)
    cli.register(app)
    app.after_request(_headers)
    return app


def _open_ground(app: Flask, settings: Settings) -> None:
    vault.open_with(settings.field_keys, settings.index_key)
    signer.open(settings.signing_keys)
    files.open_in(settings.instance_dir / "files")
    db.init_app(app)
    Migrate(app, db, directory="migrations", compare_type=True)
    app.extensions["tables"] = tables.MODELS


def _headers(response: Response) -> Response:
    """What every answer says to the browser. Nothing is cached unless a view said otherwise: it may be personal."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store")
    return response
