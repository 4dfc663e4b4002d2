"""Reads single values of the environment. What is wrong raises SettingsError: one line, and never a secret in it."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

KeyRing = tuple[tuple[str, bytes], ...]
"""Keys by id, the one that writes first; the others only read. Ids are one Crockford base32 character."""

KEY_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]")
PUBLIC_URL = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.IGNORECASE | re.ASCII)


class SettingsError(Exception):
    """One line that names the setting, what is wrong with it and what would be right."""


def filing(name: str, value: str) -> str:
    number = value.strip()
    if number and ("备" not in number or len(number) > 40):
        raise SettingsError(f"{name} must be the number as it was given, such as 沪ICP备2026000000号-1.")
    return number


def choice(environ: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(name) or default
    if value not in allowed:
        raise SettingsError(f"{name} is {value!r}; it takes one of: {', '.join(allowed)}.")
    return value


def number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise SettingsError(f"{name} is {text!r}; it takes a whole number from {low} to {high}.")
    return int(text)


def database_url(environ: Mapping[str, str]) -> str:
    url = environ.get("DATABASE_URL") or ""
    if not url:
        raise SettingsError(
            "DATABASE_URL is not set. `make run` starts an embedded PostgreSQL by itself in development; "
            "anywhere else set it to postgresql://user:password@host/database."
        )
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not rest:
        raise SettingsError("DATABASE_URL must begin with postgresql://; no other database is supported.")
    return f"postgresql+psycopg://{rest}"


def redis_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("REDIS_URL") or None
    try:
        known = not url or urlsplit(url).scheme in ("redis", "rediss", "unix")
    except ValueError:
        known = False
    if not known:
        raise SettingsError("REDIS_URL must be an address that begins with redis://, rediss:// or unix://.")
    return url


def public_url(environ: Mapping[str, str], env: str, port: int) -> str:
    url = (environ.get("PUBLIC_URL") or "").rstrip("/")
    if not url:
        if env == "production":
            raise SettingsError("PUBLIC_URL is not set: card codes carry it. Example: https://gh.example.cn")
        url = f"http://127.0.0.1:{port}"
    if not PUBLIC_URL.fullmatch(url):
        raise SettingsError(f"PUBLIC_URL is {url!r}; it takes a scheme and a host with no path: https://gh.example.cn")
    if env == "production" and not url.startswith("https://"):
        raise SettingsError("PUBLIC_URL must be https:// when GONGHUI_ENV=production.")
    return url


def key_ring(environ: Mapping[str, str], name: str) -> KeyRing:
    ring: list[tuple[str, bytes]] = []
    for item in filter(None, (environ.get(name) or "").split(",")):
        key_id, _, material = item.strip().partition(":")
        if not KEY_ID.fullmatch(key_id):
            # Never the id itself: it may be a key that has none in front.
            raise SettingsError(f"{name} takes id:64-hex-digits; an id is one character of 0-9 A-Z without I L O U.")
        ring.append((key_id, key(name, material)))
    if not ring:
        raise SettingsError(f"{name} is not set. It takes id:64-hex-digits, the newest first, separated by commas.")
    if len({key_id for key_id, _ in ring}) != len(ring):
        raise SettingsError(f"{name} names the same key id twice.")
    return tuple(ring)


def backup_key(environ: Mapping[str, str]) -> bytes | None:
    """None where no backups are made here. One of the others would lie beside what it locks up."""
    material = environ.get("BACKUP_KEY") or ""
    others = " ".join(environ.get(name) or "" for name in ("FIELD_KEYS", "SIGNING_KEYS", "INDEX_KEY"))
    if material and material.lower() in others.lower():
        raise SettingsError("BACKUP_KEY must be a key of its own: a backup that leaks must not open with another key.")
    return key("BACKUP_KEY", material) if material else None


def key(name: str, material: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", material):
        raise SettingsError(f"{name} needs 64 hex digits for a key (32 bytes); make one with: openssl rand -hex 32")
    return bytes.fromhex(material)


def pair(name: str, appid: str, secret: str) -> tuple[str, str] | None:
    """Both or none. The secret is never named in an error."""
    if not appid and not secret:
        return None
    if not re.fullmatch(r"wx[0-9a-f]{16}", appid) or not re.fullmatch(r"[0-9a-zA-Z]{16,64}", secret):
        raise SettingsError(f"{name}_APPID and {name}_SECRET go together: wx and 16 hex digits, and 16 to 64 letters.")
    return appid, secret


def platform_url(name: str, url: str) -> str:
    """https, or a stand-in on this machine: the secret goes there."""
    url = url.rstrip("/")
    parts = urlsplit(url) if PUBLIC_URL.fullmatch(url) else None
    if not parts or (parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost")):
        raise SettingsError(f"{name} takes https:// and a host with no path; http:// only for this very machine.")
    return url


def page(text: str) -> str:
    if text and not re.fullmatch(r"[0-9A-Za-z_-]+(/[0-9A-Za-z_-]+){1,8}", text):
        raise SettingsError("WECHAT_MP_PAGE takes a page of the mini program without / in front: pages/open/index")
    return text


def script(text: str) -> str:
    """It stands in a header as one word: nothing may be in it that ends the word."""
    url = text or "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
    if not re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]{1,5})?/[0-9A-Za-z._/-]+\.js", url):
        raise SettingsError("WECHAT_SCRIPT_URL takes the https address of a script: https://res.wx.qq.com/open/js/x.js")
    return url


def verify_file(text: str) -> tuple[str, str] | None:
    name, _, content = text.partition(":")
    if not text:
        return None
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,80}\.txt", name) or not re.fullmatch(r"[0-9A-Za-z_-]{1,200}", content):
        raise SettingsError("WECHAT_VERIFY_FILE takes name:content of the platform's text file: MP_verify_x.txt:x")
    return name, content
