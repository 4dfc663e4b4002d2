"""A card meets an offer: scan, decide, record, dispute."""
