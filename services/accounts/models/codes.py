import datetime
import uuid

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class PhoneCode(Base):
    """Six digits on their way to a phone. Neither they nor the phone stand here in clear."""

    __tablename__ = "phone_codes"

    id: Mapped[Key]
    #: SHA-256 of what only the browser that asked holds
    request_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: types.CodeFor
    purpose: Mapped[Code]
    #: sealed under "phone_codes.phone"
    phone: Mapped[bytes] = mapped_column(LargeBinary)
    #: keyed digest of request and digits
    code_mac: Mapped[bytes] = mapped_column(LargeBinary)
    #: the digits, sealed under "phone_codes.code", until the worker takes them to send them: once
    code: Mapped[bytes | None] = mapped_column(LargeBinary)
    attempts: Mapped[int]
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    used_at: Mapped[datetime.datetime | None]


class ProvenPhone(Base):
    """The phone that somebody last proved to hold, by a code or through WeChat."""

    __tablename__ = "proven_phones"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    #: sealed under "proven_phones.phone"; several people may share one
    phone: Mapped[bytes] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    proven_at: Mapped[datetime.datetime]
