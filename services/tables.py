"""Imports every package's tables and errors once, so that metadata and the constraint map are whole.

Only create_app and migrations/env.py import this.
"""

from services.accounts import errors as accounts_errors
from services.accounts import models as accounts
from services.bindings import errors as bindings_errors
from services.bindings import models as bindings
from services.cards import errors as cards_errors
from services.cards import models as cards
from services.complaints import errors as complaints_errors
from services.complaints import models as complaints
from services.core import audit, budget, idempotency, workdays
from services.events import errors as events_errors
from services.events import models as events
from services.members import errors as members_errors
from services.members import models as members
from services.merchants import errors as merchants_errors
from services.merchants import models as merchants
from services.notifications import errors as notifications_errors
from services.notifications import models as notifications
from services.offers import errors as offers_errors
from services.offers import models as offers
from services.redemptions import errors as redemptions_errors
from services.redemptions import models as redemptions
from services.rights import errors as rights_errors
from services.rights import models as rights
from services.signals import errors as signals_errors
from services.signals import models as signals
from services.unions import errors as unions_errors
from services.unions import models as unions

MODELS = (
    audit, budget, idempotency, workdays, unions, members, accounts, merchants, cards, bindings, offers, events,
    redemptions, complaints, signals, notifications, rights,
)  # fmt: skip
ERRORS = (
    accounts_errors, bindings_errors, cards_errors, complaints_errors, events_errors, members_errors, merchants_errors,
    notifications_errors, offers_errors, redemptions_errors, rights_errors, signals_errors,
    unions_errors,
)  # fmt: skip
