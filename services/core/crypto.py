"""Field encryption: AES-256-GCM with key ids and rotation, and the keyed blind index that finds a sealed value."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.core.errors import DomainError
from services.core.signing import KeyRing

NONCE_BYTES = 12


class SealBroken(DomainError):
    """The stored bytes are not what was sealed here: changed, moved to another field, or the key is gone."""


class Vault:
    """Seals single fields. A sealed value is key id (1 byte), nonce (12), ciphertext and tag.

    `field` ("members.phone") is bound into the tag: a value moved to another column does not open.
    """

    def __init__(self) -> None:
        self._keys: dict[str, AESGCM] = {}
        self._current = ""
        self._index_key = b""

    def open_with(self, keys: KeyRing, index_key: bytes) -> None:
        self._keys = {key_id: AESGCM(key) for key_id, key in keys}
        self._current = keys[0][0]
        self._index_key = index_key

    @property
    def current(self) -> str:
        """The id of the key that seals; a sealed value begins with the id of its own."""
        return self._current

    def seal(self, field: str, text: str) -> bytes:
        return self.seal_bytes(field, text.encode())

    def unseal(self, field: str, sealed: bytes) -> str:
        """Raises SealBroken; never returns a guess."""
        try:
            return self.unseal_bytes(field, sealed).decode()
        except UnicodeDecodeError:
            raise SealBroken("seal_broken") from None

    def seal_bytes(self, field: str, data: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        head = self._current.encode()
        return head + nonce + self._keys[self._current].encrypt(nonce, data, head + field.encode())

    def unseal_bytes(self, field: str, sealed: bytes) -> bytes:
        """Raises SealBroken."""
        head, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._keys[head.decode()].decrypt(nonce, body, head + field.encode())
        except (KeyError, InvalidTag, UnicodeDecodeError, ValueError):
            raise SealBroken("seal_broken") from None

    def needs_rotation(self, sealed: bytes) -> bool:
        return sealed[:1] != self._current.encode()

    def blind_index(self, field: str, text: str) -> bytes:
        """16 bytes that are equal for equal texts of one field and say nothing else without the key."""
        return hmac.digest(self._index_key, field.encode() + b"\0" + text.encode(), hashlib.sha256)[:16]


vault = Vault()
