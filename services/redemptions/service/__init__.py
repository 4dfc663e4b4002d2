"""Verbs at the till and after it: scan, redeem, dispute."""

from services.redemptions.service.dispute import dispute
from services.redemptions.service.redeem import redeem
from services.redemptions.service.scan import scan

__all__ = ["dispute", "redeem", "scan"]
