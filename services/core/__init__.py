"""The ground under every package: database, transaction, outbox, audit, errors, clock, ids, money, crypto."""
