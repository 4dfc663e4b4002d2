"""Verbs at the till and after it: scan, redeem, dispute, settle, void; and taking over what happened before."""

from services.redemptions.service.dispute import dispute
from services.redemptions.service.past import record_past
from services.redemptions.service.redeem import redeem
from services.redemptions.service.scan import scan
from services.redemptions.service.settle import settle
from services.redemptions.service.void import void

__all__ = ["dispute", "record_past", "redeem", "scan", "settle", "void"]
