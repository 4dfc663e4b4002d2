"""Keyed signatures and digests with key ids, so that a key can be replaced while old ones still verify."""

import hashlib
import hmac

KeyRing = tuple[tuple[str, bytes], ...]


class Signer:
    """HMAC-SHA256 under a ring of keys; the first signs, all verify. `purpose` keeps uses of one key apart."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self._current = ""

    def open(self, keys: KeyRing) -> None:
        self._keys = dict(keys)
        self._current = keys[0][0]

    @property
    def current(self) -> str:
        return self._current

    @property
    def key_ids(self) -> tuple[str, ...]:
        return tuple(self._keys)

    def knows(self, key_id: str) -> bool:
        return key_id in self._keys

    def mac(self, purpose: str, message: bytes, *, key_id: str | None = None) -> bytes:
        """32 bytes. KeyError when `key_id` is unknown."""
        key = self._keys[key_id or self._current]
        return hmac.digest(key, purpose.encode() + b"\0" + message, hashlib.sha256)


signer = Signer()


def token_digest(token: str) -> bytes:
    """What the database keeps of a random token of 128 bits or more: enough to find it, useless to a thief."""
    return hashlib.sha256(token.encode()).digest()
