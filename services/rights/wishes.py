"""What a member says is right, as it is sealed into its request."""

import json

from services.core.crypto import vault
from services.members.documents import Document, DocumentType
from services.rights.types import Wish

ASKED_FIELD = "correction_requests.asked"


def sealed(wish: Wish) -> bytes:
    document = [wish.document.kind, wish.document.number] if wish.document else None
    return vault.seal(ASKED_FIELD, json.dumps({**vars(wish), "document": document}, ensure_ascii=False))


def opened(asked: bytes) -> Wish:
    """Raises SealBroken."""
    said = json.loads(vault.unseal(ASKED_FIELD, asked))
    document = Document(DocumentType(said["document"][0]), said["document"][1]) if said["document"] else None
    return Wish(said["name"], said["phone"], document, said["words"])
