"""Redemptions of the last year, made in the database by generate_series: for plans.py and big.py.

They come evenly over the days and between 9:00 and 21:00 in China, with two busier times; members and offers at random.
One in a hundred is undone, one in a thousand disputed, one in seven has no bill. Each has its scan, its audit entry
and its counts.
"""

import psycopg

DAYS = 365
TABLES = ("scans", "redemptions", "audit_entries", "allowances")

_PAST = """
CREATE UNLOGGED TABLE past AS
SELECT n, uuidv7(at - now() - interval '20 s') AS scan_id,
       uuidv7(at - now()) AS redemption_id, c.id AS card_id, c.member_id, k.clerk_id, k.branch_id, k.merchant_id,
       k.offer_id, k.version_id, k.nth_offer, k.title, at,
       CASE WHEN n % 7 > 0 THEN 1000 + (n * 7919) % 9000 END AS amount,
       CASE WHEN n % 100 = 3 THEN at + interval '5 min' END AS voided_at,
       CASE WHEN n % 1000 = 7 THEN at + interval '1 hour' END AS disputed_at
FROM (
    SELECT n, date_trunc('day', now(), 'Asia/Shanghai') + floor((n - 1)::float8 / {per_day}) * interval '1 day'
              - {days} * interval '1 day' + interval '9 hours'
              + (share + 0.05 * sin(share * 4 * pi())) * interval '12 hours' AS at
    FROM (
        SELECT n, ((n - 1) % {per_day})::float8 / {per_day} AS share FROM generate_series(1::bigint, {count}) AS n
    ) AS days
) AS times
JOIN (SELECT row_number() OVER () AS nth, id, member_id FROM cards) AS c
  ON c.nth = 1 + (hashint8extended(n, 1) & 2147483647) % (SELECT count(*) FROM cards)
JOIN (
    SELECT row_number() OVER () AS nth, k.id AS clerk_id, b.id AS branch_id, b.merchant_id, o.id AS offer_id,
           o.version_id, v.title, row_number() OVER (PARTITION BY k.id ORDER BY o.id) AS nth_offer
    FROM clerks k JOIN branches b ON b.id = k.branch_id JOIN offers o ON o.merchant_id = b.merchant_id
    JOIN offer_versions v ON v.id = o.version_id
) AS k ON k.nth = 1 + (hashint8extended(n, 2) & 2147483647)
    % (SELECT count(*) FROM clerks k JOIN branches b ON b.id = k.branch_id JOIN offers o USING (merchant_id))
"""
_FILL = (
    """INSERT INTO scans (id, card_id, ref, source, clerk_id, branch_id, merchant_id, scanned_at, expires_at)
SELECT scan_id, card_id, 's' || n, 'qr', clerk_id, branch_id, merchant_id, at - interval '20 s', at + interval '280 s'
FROM past ORDER BY n""",
    """INSERT INTO redemptions (id, scan_id, offer_id, version_id, member_id, merchant_id, branch_id, clerk_id,
    offer_title, amount_fen, saved_fen, pay_fen, redeemed_at, disputed_at, voided_at)
SELECT redemption_id, scan_id, offer_id, version_id, member_id, merchant_id, branch_id, clerk_id, title, amount,
    amount / 10, amount - amount / 10, at, disputed_at, voided_at FROM past ORDER BY n""",
    """INSERT INTO voids (redemption_id, voided_at, actor, capacity, reason)
SELECT redemption_id, voided_at, 'clerk:' || clerk_id, 'clerk', 'wrong_amount' FROM past WHERE voided_at IS NOT NULL""",
    """INSERT INTO audit_entries (id, at, actor, action, subject_id, detail)
SELECT redemption_id, at, 'clerk:' || clerk_id, 'redemption.recorded', redemption_id, '{"saved_fen": 465}' FROM past
ORDER BY n""",
    """INSERT INTO allowances (member_id, offer_id, "window", used)
SELECT member_id, offer_id, "window", count(*) FROM (
    SELECT member_id, offer_id, at AT TIME ZONE 'Asia/Shanghai' AS at FROM past WHERE nth_offer = 1
) AS given, LATERAL (
    VALUES ('all'), (to_char(at, 'YYYY-MM-DD')), (to_char(at, 'IYYY-"W"IW')), (to_char(at, 'YYYY-MM'))
) AS windows("window") GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    """INSERT INTO card_burns SELECT card_id, 's' || n, at FROM past WHERE at > now() - interval '1 day'""",
    """INSERT INTO idempotency_keys
SELECT 'clerk:' || clerk_id || ' /api/v1/redemptions', 'past-' || n, '\\x00', 201, '{}', at
FROM past WHERE at > now() - interval '1 day'""",
)


def fill(url: str, count: int) -> None:
    """Adds `count` redemptions to a database of world.py, given as libpq URL. Ten million take some ten minutes.

    What speeds it up is put back: indexes are made anew, foreign keys are not judged for these rows.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("session_replication_role = replica", "work_mem = '512MB'", "maintenance_work_mem = '1GB'"):
            connection.execute(f"SET {setting}")  # type: ignore[arg-type]
        again = [line for table in TABLES for line in _without_indexes(connection, table)]
        per_day = -(-count // DAYS)
        connection.execute(_PAST.format(per_day=per_day, days=DAYS, count=count))  # type: ignore[arg-type]
        for statement in _FILL:
            connection.execute(statement)  # type: ignore[arg-type]
        for statement in again:
            connection.execute(statement)  # type: ignore[arg-type]
        connection.execute("DROP TABLE past")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _without_indexes(connection: psycopg.Connection, table: str) -> list[str]:
    """Drops the table's indexes but for the primary key; returns the statements that make them again."""
    again = []
    rows = connection.execute(
        """SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname, pg_get_constraintdef(c.oid)
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
        WHERE i.indrelid = %s::regclass AND NOT i.indisprimary""",
        [table],
    ).fetchall()
    for index, definition, constraint, rule in rows:
        drop = f"ALTER TABLE {table} DROP CONSTRAINT {constraint}" if constraint else f"DROP INDEX {index}"
        again.append(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {rule}" if constraint else definition)
        connection.execute(drop)  # type: ignore[arg-type]
    return again
