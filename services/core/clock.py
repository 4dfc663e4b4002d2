"""Aware UTC now. Services take `now` as an argument; only views and jobs read the clock."""

import datetime


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
