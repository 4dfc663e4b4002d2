"""An address that was refused is tried again when its state has changed."""

from sqlalchemy import delete

from services.accounts.service.codes import PROVEN_FIELD
from services.core.crypto import vault
from services.core.db import db
from services.members.service import PHONE_FIELD
from services.notifications.models import Block
from services.notifications.types import Channel


def phone_lives(phone: str) -> None:
    """Lets SMS go to a phone again that was reported dead: somebody holds it, and has just read one there.

    `phone`: digits as core.phones gives them. One statement; nothing if it was never blocked.
    """
    addresses = [vault.blind_index(field, phone) for field in (PHONE_FIELD, PROVEN_FIELD)]
    db.session.execute(delete(Block).where(Block.channel == Channel.SMS, Block.address_index.in_(addresses)))
